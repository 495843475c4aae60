"""Everything that must be refused, at every door and in every state: told, audited, nothing done.

One matrix: who may not, in each state, at each of the four doors, with and without four eyes;
strangers, former members and bots; cards of others, cards that moved on; forged and old requests.
All states stand on one desk, because no cell may change any of them.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.cards.actions import ButtonData, to_command
from bot.cards.card import CardKind
from bot.model import commands as c
from bot.model.approval import DEFAULT_POLICIES, ApprovalPolicy, ApprovalSubject
from bot.model.commands import Command, OutcomeKind
from bot.model.ids import HOUR, SECOND, ItemId, Moment
from bot.model.member import Role
from bot.services import refusals
from bot.services.deciding import DeskRules
from bot.services.intake import Delivery, take
from bot.services.settling_in import NamedAccount, NamedBrand, NamedMember, Roster, settle_in
from bot.store.audits import AuditRow
from bot.store.schema import METADATA
from bot.store.tx import Tx
from tests.fakes.desk_kit import ACME, DeskKit, desk_address, opened_desk
from tests.fakes.four_doors import (
    ROBOT,
    Browser,
    FourDoors,
    Told,
    four_doors,
    user_of,
)
from tests.fakes.network import NETWORK
from tests.unit.small_desk import everything_in

CHATS = ("slack", "telegram", "relay", "console")
BY_ROLE: Mapping[Role, str] = {
    Role.VIEWER: "vic",
    Role.AGENT: "olga",
    Role.APPROVER: "bob",
    Role.MANAGER: "alice",
}
MEMBERS = (*BY_ROLE.values(), "ada", "eve")
FORMER = "eve"
STRANGER = "mallory"
UNDECIDED: Sequence[tuple[str, Role]] = (
    ("approve", Role.AGENT),
    ("again", Role.AGENT),
    ("no_reply", Role.AGENT),
    ("take", Role.AGENT),
    ("snooze.1h", Role.AGENT),
    ("moderate.like", Role.AGENT),
    ("moderate.hide", Role.APPROVER),
    ("moderate.delete", Role.APPROVER),
)
STATES: Mapping[str, Sequence[tuple[str, Role]]] = {
    "open": UNDECIDED,
    "quiet": UNDECIDED,
    "muted": UNDECIDED,
    "watch-only": (("approve", Role.AGENT), ("moderate.spam", Role.APPROVER)),
    "closed": (("reopen", Role.AGENT),),
    "gone": (("take", Role.AGENT),),
    "queued": (("stop", Role.APPROVER), ("take", Role.AGENT)),
    "sending": (("stop", Role.AGENT),),
    "unknown": (("look", Role.AGENT),),
    "needs_human": (("look", Role.AGENT), ("retry", Role.MANAGER), ("abandon", Role.MANAGER)),
    "failed": (("retry", Role.APPROVER), ("abandon", Role.APPROVER)),
    "published": (("reopen", Role.AGENT), ("moderate.delete_own", Role.APPROVER)),
    "waiting post": (("approve", Role.MANAGER), ("cancel_post", Role.MANAGER)),
    "approved post": (("stop", Role.APPROVER), ("cancel_post", Role.MANAGER)),
}
"""What may be pressed in each state, and the least role that it takes there."""
FORGERIES: Mapping[str, Sequence[str]] = {
    "slack": ("another secret", "too old", "from the future"),
    "telegram": ("another secret", "no secret"),
    "relay": ("another secret", "too old"),
    "console": ("no session", "another session", "no token", "from another page"),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """`why` is what is wrong with the press; `press` the button without token and revision."""

    chat: str
    who: str
    state: str
    press: str
    why: str
    least: Role | None = None
    four_eyes: bool = False

    def __str__(self) -> str:
        eyes = "four eyes" if self.four_eyes else "two eyes"
        return f"{self.chat}-{self.why}-{self.who}-{self.state}-{self.press}-{eyes}"


def by_role(chat: str, state: str) -> Iterator[Cell]:
    for press, least in STATES[state]:
        for role, who in BY_ROLE.items():
            if not role.includes(least):
                cell = Cell(chat, who, state, press, "wrong role", least)
                yield cell
                if press == "approve":
                    yield replace(cell, four_eyes=True)


def by_state(chat: str, state: str) -> Iterator[Cell]:
    press, _least = STATES[state][0]
    yield Cell(chat, STRANGER, state, press, "stranger")
    yield Cell(chat, FORMER, state, press, "former")
    if chat in {"slack", "telegram"}:
        yield Cell(chat, ROBOT, state, press, "bot")
    yield Cell(chat, "bob", state, press, "stale")
    yield Cell(chat, "alice", state, press, "stale", four_eyes=True)
    for forgery in FORGERIES[chat]:
        yield Cell(chat, "bob", state, press, forgery)


def by_card(chat: str) -> Iterator[Cell]:
    for who in ("alice", "ada"):
        for eyes in (True, False):
            yield Cell(chat, who, f"post of {who}", "approve", "own post", four_eyes=eyes)
    for press in ("approve", "no_reply", "take", "moderate.hide"):
        yield Cell(chat, "ada", "of another brand", press, "not ours")
        yield Cell(chat, "ada", "made up", press, "not ours")
    for press in ("no_reply", "take", "reopen", "snooze.1h", "again"):
        yield Cell(chat, "ada", "waiting post", press, "of another card")
    for press in ("cancel_post", "bulk.close-00000000"):
        yield Cell(chat, "ada", "open", press, "of another card")


def cells() -> Iterator[Cell]:
    for chat in CHATS:
        for state in STATES:
            yield from by_role(chat, state)
            yield from by_state(chat, state)
        yield from by_card(chat)


CELLS = list(cells())


def test_the_matrix_is_as_large_as_it_says() -> None:
    assert len(set(CELLS)) == len(CELLS) >= 700


# --- the house


@dataclass(slots=True)
class House:
    doors: FourDoors
    cards: Mapping[str, tuple[str, int]]
    """Token and revision of the card in each state."""

    def data(self, cell: Cell) -> str:
        token, revision = self.cards[cell.state]
        name, _, argument = cell.press.partition(".")
        revision += 7 if cell.why == "stale" else 0
        return f"{name}.{token}.{revision}" + (f".{argument}" if argument else "")

    async def everything(self) -> str:
        """All that the desk holds but presses and the audit, which are to grow."""
        growing = {"command", "audit", "audit_text"}
        tables = [one.name for one in METADATA.sorted_tables if one.name not in growing]
        return await self.doors.kit.read(lambda tx: everything_in(tx, tables))

    def command(self, cell: Cell) -> Command:
        return to_command(ButtonData.decode(self.data(cell)), now=self.doors.kit.clock.now())

    def shown_to_all(self) -> tuple[int, int]:
        return len(self.doors.slack.messages), len(self.doors.telegram.world.messages)

    async def last_audit(self) -> int:
        await self.doors.kit.do(lambda tx: tx.audits.seal(tx.now()))
        return (await self.doors.kit.read(lambda tx: tx.audits.last_seal())).number

    async def audited_since(self, last: int) -> list[AuditRow]:
        await self.doors.kit.do(lambda tx: tx.audits.seal(tx.now()))
        return await self.doors.kit.read(lambda tx: tx.audits.sealed(last))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def houses(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Mapping[bool, House]]:
    """By whether a reply takes four eyes."""
    async with contextlib.AsyncExitStack() as stack:
        yield {
            four_eyes: await stack.enter_async_context(
                opened_house(desk_address(request, tmp_path_factory.mktemp("desk")), four_eyes)
            )
            for four_eyes in (False, True)
        }


@contextlib.asynccontextmanager
async def opened_house(address: str, four_eyes: bool) -> AsyncIterator[House]:
    reply = ApprovalPolicy(four_eyes=four_eyes)
    rules = DeskRules(policies={**DEFAULT_POLICIES, ApprovalSubject.REPLY: reply})
    async with opened_desk(address, rules=rules) as kit:
        cards = await every_state(kit)
        async with four_doors(kit, MEMBERS) as doors:
            await kit.do(lambda tx: _execute(tx, "UPDATE member SET is_active=0 WHERE slug='eve'"))
            yield House(doors, cards)


async def every_state(kit: DeskKit) -> Mapping[str, tuple[str, int]]:
    found: dict[str, tuple[str, int]] = {"made up": ("k7Qf2mZx9LpA", 1)}

    async def note(state: str, number: int, kind: CardKind = CardKind.ITEM) -> None:
        card = await kit.card_of(number, kind)
        found[state] = (card.key, card.revision)

    for state in ("open", "quiet", "muted", "closed", "gone"):
        item = await kit.comment()
        await kit.do(lambda tx, s=state, i=item: _state(tx, "item", s, i))  # type: ignore[misc]
        await note(state, item)
    for state in ("queued", "sending", "unknown", "needs_human", "failed", "published"):
        item = await kit.comment()
        # with four eyes the words must be somebody else's; the drafter's are
        assert (await kit.press("bob", await kit.card_of(item), c.Approve)).is_done
        number = (await kit.publication(item)).id
        await kit.do(lambda tx, s=state, n=number: _state(tx, "publication", s, n))  # type: ignore[misc]
        if state == "published":
            await kit.do(lambda tx, i=item: _state(tx, "item", "answered", i))  # type: ignore[misc]
        await note(state, item)
    await _own_words(kit, found, note)
    for state, member in (
        ("waiting post", "ada"), ("approved post", "ada"),
        ("post of alice", "alice"), ("post of ada", "ada"),
    ):  # fmt: skip
        slot = Moment(kit.clock.now() + HOUR)
        told = await kit.order(member, c.ComposePost((c.VariantText("acme", "Tea."),), slot))
        card = await kit.card(told.note)
        if state == "approved post":
            assert (await kit.press("alice", card, c.Approve)).is_done
        await note(state, card.number, CardKind.POST)
    await kit.do(lambda tx: _execute(tx, "UPDATE account SET state='watch_only' WHERE id=2"))
    await kit.store.write(take, Delivery(kit.other, (kit.incoming(),)))
    await kit.work()
    other = await kit.read(_newest)
    await note("watch-only", other)
    found["of another brand"] = await _of_another_brand(kit)
    return found


async def _own_words(kit: DeskKit, found: dict[str, Any], note: Any) -> None:
    """A reply that bob, alice and ada have each written a version of is nobody's alone."""
    for who in ("bob", "alice", "ada"):
        item = await kit.comment()
        told = await kit.press(who, await kit.card_of(item), c.SaveDraft, f"Words of {who}.")
        assert told.is_done
        await note(f"own reply of {who}", item)


async def _of_another_brand(kit: DeskKit) -> tuple[str, int]:
    team = (NamedMember("zoe", "Zoe", Role.ADMIN),)
    accounts = (NamedAccount("rival", NETWORK),)
    rival = NamedBrand("rival", "Rival", ("en",), (), "UTC", "", team, accounts)
    accounts_ = await kit.store.write(settle_in, Roster((ACME, rival)))
    await kit.store.write(take, Delivery(accounts_["rival", "rival"].id, (kit.incoming(),)))
    item = await kit.read(_newest)
    card = await kit.read(lambda tx: tx.cards.of(CardKind.ITEM, item))
    return card.token, card.revision


def _execute(tx: Tx, sql: str) -> None:
    tx.connection.exec_driver_sql(sql)


def _state(tx: Tx, table: str, state: str, number: int) -> None:
    _execute(tx, f"UPDATE {table} SET state='{state}' WHERE id={number}")


def _newest(tx: Tx) -> int:
    return int(tx.connection.exec_driver_sql("SELECT max(id) FROM item").scalar_one())


# --- the matrix


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("cell", CELLS, ids=str)
async def test_it_is_refused_audited_and_changes_nothing(
    houses: Mapping[bool, House], cell: Cell
) -> None:
    house = houses[cell.four_eyes]
    before, last = await house.everything(), await house.last_audit()
    shown = house.shown_to_all()
    told = await pressed(house, cell)
    assert await house.everything() == before
    assert house.shown_to_all() == shown
    rows = await house.audited_since(last)
    if is_unproved(cell):
        assert told.status in {401, 403}
        at_a_door = cell.chat != "console"
        assert [(row.action, row.chat) for row in rows] == (
            [("sender_not_proved", cell.chat)] if at_a_door else []
        )
        return
    [row] = rows
    assert row.action == "refused"
    assert row.facts["command"] == type(house.command(cell)).__name__
    assert row.facts["outcome"] in {"refused", "stale", "missing"}
    assert row.chat == cell.chat
    says_what_is_wrong(cell, told, row)
    await names_the_presser(house, cell, row)


def is_unproved(cell: Cell) -> bool:
    """Whether nothing proves who presses: then nobody is named."""
    outside = {STRANGER, FORMER, ROBOT}
    return cell.why in FORGERIES[cell.chat] or (cell.chat == "console" and cell.who in outside)


async def pressed(house: House, cell: Cell) -> Told:
    doors, data = house.doors, house.data(cell)
    if cell.why not in FORGERIES[cell.chat]:
        return await doors.press(cell.chat, cell.who, data)
    counted = doors.metrics.render().decode()
    told = await forged(doors, cell, data)
    if cell.chat != "console":
        assert (
            count_of(doors.metrics.render().decode(), cell.chat) == count_of(counted, cell.chat) + 1
        )
    return told


async def forged(doors: FourDoors, cell: Cell, data: str) -> Told:
    """The press of somebody who may, without what proves it."""
    number = doors.next_press()
    secret = "not-the-secret" if cell.why == "another secret" else ""
    ages = {"too old": 3_600, "from the future": -3_600}
    match cell.chat:
        case "slack":
            how: dict[str, Any] = {"secret": secret} if secret else {"age": ages[cell.why]}
            return Told((await doors.slack_request(cell.who, data, number, **how))[0])
        case "telegram":
            update = doors.telegram_update(cell.who, data, number)
            return Told(await doors.telegram.send_update(update, secret or None))
        case "relay":
            how = {"secret": secret} if secret else {"age": ages[cell.why]}
            return await doors.by_relay(cell.who, data, number, **how)
        case _:
            return await forged_in_a_browser(doors, cell, data, number)


async def forged_in_a_browser(doors: FourDoors, cell: Cell, data: str, number: str) -> Told:
    bob = doors.browsers["bob"]
    match cell.why:
        case "no session":
            bob = Browser({k: v for k, v in bob.cookies.items() if "session" not in k}, bob.csrf)
        case "another session":
            bob = Browser(bob.cookies, doors.browsers["ada"].csrf)
        case "no token":
            bob = Browser(bob.cookies, "")
        case _:
            return await doors.by_browser(bob, data, number, Origin="https://evil.example")
    return await doors.by_browser(bob, data, number)


def count_of(metrics: str, chat: str) -> float:
    begins = f'replydesk_unproved_requests_total{{chat="{chat}"}} '
    found = [line for line in metrics.splitlines() if line.startswith(begins)]
    return float(found[0].removeprefix(begins)) if found else 0.0


def says_what_is_wrong(cell: Cell, told: Told, row: AuditRow) -> None:
    """Privately, in a sentence; whoever lacks a role is told who has it."""
    match cell.why:
        case "wrong role":
            assert "this takes" in told.says
            able = [
                name for role, name in BY_ROLE.items() if cell.least and role.includes(cell.least)
            ]
            assert all(one.title() in told.says for one in (*able, "ada")), told.says
            assert row.facts["role"] == next(
                r.value for r, who in BY_ROLE.items() if who == cell.who
            )
        case "stranger" | "former" | "bot":
            assert "The desk does not know you yet. Ask Ada or Zoe" in told.says
            assert row.facts["role"] == ("former" if cell.why == "former" else "stranger")
        case "stale":
            assert "Nothing was changed" in told.says
            assert row.facts["outcome"] == "stale"
        case "own post":
            assert "somebody else must approve it" in told.says
            assert ("Alice" in told.says) is (cell.who == "ada")
        case "not ours":
            assert "no such card" in told.says
            assert row.subject == "brand"
        case _:
            assert "does not belong to this card" in told.says


async def names_the_presser(house: House, cell: Cell, row: AuditRow) -> None:
    """By the chat's own id; of a stranger it stands where it can be erased."""
    if cell.why in {"stranger", "bot"}:
        assert row.member_id is None
        assert row.text == user_of(cell.chat, cell.who)
        assert row.text not in str(row.facts)
        return
    member = await house.doors.kit.read(lambda tx: tx.people.get(row.member_id))  # type: ignore[arg-type]
    assert member.slug == cell.who
    assert row.text is None


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("chat", CHATS)
@pytest.mark.parametrize("who", ["bob", "alice", "ada"])
async def test_with_four_eyes_a_yes_to_ones_own_words_only_asks(
    houses: Mapping[bool, House], chat: str, who: str
) -> None:
    house = houses[True]
    kit, (token, _revision) = house.doors.kit, house.cards[f"own reply of {who}"]
    card, last = await kit.card(token), await house.last_audit()
    told = await house.doors.press(chat, who, f"approve.{token}.{card.revision}")
    assert (
        "You wrote this version, so somebody else must approve it" in told.says
        or chat == "telegram"
    )
    [row] = await house.audited_since(last)
    assert row.action == "asked_for_approval"
    assert await kit.read(lambda tx: tx.publications.latest_of_item(ItemId(card.number))) is None


# --- and no flood


@pytest.fixture
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    async with opened_desk(desk_address(request, tmp_path)) as made:
        yield made


async def refusals_of(kit: DeskKit) -> list[str]:
    await kit.do(lambda tx: tx.audits.seal(tx.now()))
    rows = await kit.read(lambda tx: tx.audits.sealed())
    return [row.action for row in rows if row.action.startswith("refus")]


async def test_the_same_press_again_is_audited_once(kit: DeskKit) -> None:
    card = await kit.card_of(await kit.comment())
    for _ in range(3):
        told = await kit.order("vic", c.Approve(card.key, card.revision), press="p1")
        assert told.kind is OutcomeKind.REFUSED
    assert await refusals_of(kit) == ["refused"]


async def test_whoever_presses_on_cannot_fill_the_audit(kit: DeskKit) -> None:
    for _ in range(refusals.AT_MOST + 40):
        assert (await kit.order("mallory", c.GoLive("acme"))).kind is OutcomeKind.REFUSED
    assert await refusals_of(kit) == ["refused"] * refusals.AT_MOST + ["refusals_go_on"]
    await kit.order("vic", c.GoLive("acme"))
    assert len(await refusals_of(kit)) == refusals.AT_MOST + 2, "others are audited as before"
    kit.clock.advance(HOUR / SECOND + 1)
    await kit.order("mallory", c.GoLive("acme"))
    assert (await refusals_of(kit))[-1] == "refused"


async def test_the_history_of_a_card_says_who_was_refused(kit: DeskKit) -> None:
    card = await kit.card_of(await kit.comment())
    await kit.press("vic", card, c.Approve)
    await kit.press("mallory", card, c.Take)
    page = await kit.history_of(card.key)
    assert any("Vic · refused Approve, refused" in line for line in page.audit)
    assert any("a stranger · refused Take, refused" in line for line in page.audit)
