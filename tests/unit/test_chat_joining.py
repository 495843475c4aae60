"""An admin connects a chat of the team: it is asked first, and only what was shown is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.cards.connecting import ChatStanding, ConnectQuery
from bot.cards.pages import DeskQuery
from bot.errors import AnswersRefused, ConfigurationError, Unavailable
from bot.model import commands as c
from bot.model.channel import Route
from bot.model.commands import Outcome, OutcomeKind
from bot.model.ids import CommandId
from bot.model.member import ChatIdentity
from bot.model.team_chat import ChatIntroduced
from bot.services.chat_introducing import ChatIntroducing
from bot.services.chat_joining import say_trouble
from bot.services.deciding import DeskRules
from bot.services.listening import set_to_listen
from bot.services.settling_in import NamedBrand, Roster, settle_in
from bot.speech.speech import Speech
from tests.fakes.desk_kit import ACME, DeskKit, desk_address, opened_desk
from tests.unit.small_desk import everything_in

SECRET = "xoxb-that-nobody-may-read"
TOKENS = {"bot_token": f" {SECRET}\n", "app_token": "xapp-neither"}
ADA = ChatIdentity("console", "ada")
US = ChatIntroduced("T0:U0", "@desk · Acme", ("post and redraw cards",), ("Not: this.",))


class FakeWires:
    """Seals by turning round; `says` is what the chat does with the tokens."""

    def __init__(self) -> None:
        self.us = US
        self.says: Exception | None = None
        self.asked: list[Mapping[str, str]] = []
        self.plugged = 0
        self.has_key = True

    async def introduce(
        self, chat: str, tokens: Mapping[str, str], speech: Speech
    ) -> ChatIntroduced:
        self.asked.append(tokens)
        if self.says is not None:
            raise self.says
        return self.us

    def kept(self, chat: str, answers: Mapping[str, str]) -> Mapping[str, str]:
        return answers

    def seal(self, secret: str, context: str) -> str:
        if not self.has_key:
            raise ConfigurationError("There is no key to seal secrets with yet. Make one first.")
        return f"{context}={secret[::-1]}"

    async def plug_in(self) -> None:
        self.plugged += 1


@dataclass
class Page:
    kit: DeskKit
    wires: FakeWires = field(default_factory=FakeWires)
    presses: int = 0

    @property
    def joins(self) -> ChatIntroducing:
        return ChatIntroducing(self.kit.desk, self.wires)

    def press(self) -> CommandId:
        self.presses += 1
        return CommandId(f"form-{self.presses}")

    async def join(self, who: str = "ada", remote_id: str = "T0:U0") -> Outcome:
        actor = self.kit.who(who)
        looked = await self.joins.join(self.press(), actor, "slack", TOKENS, remote_id)
        return looked.outcome

    async def disconnect(self, who: str = "ada") -> Outcome:
        return await self.joins.disconnect(self.press(), self.kit.who(who), "slack")

    async def standing(self) -> ChatStanding | None:
        return (await self.kit.desk.view(ConnectQuery(), ADA)).chats.get("slack")

    async def kept(self, *tables: str) -> str:
        return await self.kit.read(lambda tx: everything_in(tx, tables))

    async def audited(self) -> list[str]:
        await self.kit.do(lambda tx: tx.audits.seal(tx.now()))
        return [row.action for row in await self.kit.read(lambda tx: tx.audits.sealed())]


@pytest.fixture(params=["sqlite", "postgresql"])
async def page(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Page]:
    async with opened_desk(desk_address(request, tmp_path, request.param)) as kit:
        yield Page(kit)


async def test_looking_says_whose_they_are_and_keeps_nothing(page: Page) -> None:
    looked = await page.joins.look(page.press(), ADA, "slack", TOKENS)
    assert looked.found is not None
    assert (looked.found.name, looked.found.remote_id) == ("@desk · Acme", "T0:U0")
    assert (looked.found.can, looked.found.cannot) == (US.can, US.cannot)
    assert page.wires.asked == [{"bot_token": SECRET, "app_token": "xapp-neither"}]
    assert await page.standing() is None
    assert SECRET not in repr(looked)


async def test_what_was_shown_is_connected_heard_and_stands_nowhere_but_sealed(page: Page) -> None:
    assert (await page.join()).says == "@desk · Acme is connected."
    assert await page.standing() == ChatStanding("@desk · Acme", is_connected=True)
    assert page.wires.plugged == 1
    assert "listen:slack" in await page.kept("due")
    assert await page.audited() == ["chat_tried", "chat_joined"]
    tables = ("team_chat", "sealed_secret", "audit", "audit_text", "command", "event", "due")
    kept = await page.kept(*tables)
    assert SECRET not in kept
    assert SECRET[::-1] in kept


@pytest.mark.parametrize("who", ["vic", "bob", "alice", "nobody"])
async def test_who_is_no_admin_is_told_who_can_and_no_token_goes_anywhere(
    page: Page, who: str
) -> None:
    looked = await page.joins.look(page.press(), page.kit.who(who), "slack", TOKENS)
    refused = [looked.outcome, await page.join(who), await page.disconnect(who)]
    assert all("Ask Ada" in one.says for one in refused)
    assert (page.wires.asked, page.wires.plugged) == ([], 0)
    assert set(await page.audited()) == {"refused"}


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (Unavailable("Slack could not be reached."), "could not be reached"),
        (TimeoutError(), "did not answer in time"),
        (AnswersRefused({"bot_token": "This is needed."}), "Something is missing or wrong"),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_is_kept(
    page: Page, error: Exception, says: str
) -> None:
    page.wires.says = error
    outcome = await page.join()
    assert outcome.kind is OutcomeKind.REFUSED
    assert says in outcome.says
    assert await page.standing() is None


async def test_without_a_key_or_with_another_bot_than_shown_nothing_is_connected(
    page: Page,
) -> None:
    page.wires.has_key = False
    assert "no key" in (await page.join()).says
    page.wires.has_key = True
    assert "another bot" in (await page.join(remote_id="T0:U9")).says
    assert await page.standing() is None


async def test_the_same_bot_gets_new_tokens_and_another_one_is_refused(page: Page) -> None:
    await page.join()
    await page.kit.store.write(say_trouble, ("slack", "No key."))
    assert (await page.join()).says == "@desk · Acme has its new tokens."
    assert await page.standing() == ChatStanding("@desk · Acme", is_connected=True)
    assert (await page.audited())[-1] == "chat_renewed"
    page.wires.us = ChatIntroduced("T9:U9", "@desk · Others")
    outcome = await page.join(remote_id="T9:U9")
    assert outcome.kind is OutcomeKind.REFUSED
    assert "Disconnect it first" in outcome.says


async def test_a_disconnected_chat_keeps_no_token_and_its_channels_say_that_cards_wait(
    page: Page,
) -> None:
    await page.join()
    await page.kit.order("ada", c.SetUpChannel("slack", "C0NEW", "", "New", Route()))
    assert "its tokens deleted here" in (await page.disconnect()).says
    assert await page.standing() == ChatStanding("@desk · Acme", is_connected=False)
    assert SECRET[::-1] not in await page.kept("sealed_secret")
    assert "listen:slack" not in await page.kept("due")
    assert (await page.disconnect()).kind is OutcomeKind.REFUSED
    rows = (await page.kit.desk.view(DeskQuery(), ADA)).channels
    troubles = {row.title: row.trouble for row in rows}
    assert troubles["New"].startswith("The chat is disconnected. Cards wait")
    await page.join()
    rows = (await page.kit.desk.view(DeskQuery(), ADA)).channels
    assert [row.trouble for row in rows if row.title == "New"] == [""]


async def test_a_chat_that_another_brand_uses_stays_connected(page: Page) -> None:
    other = NamedBrand("books", "Books", ("en",), (), "UTC", "", (), ())
    await page.kit.store.write(settle_in, Roster((ACME, other)))
    await page.join()

    def set_up(tx: object) -> None:
        brand = next(one.id for one in tx.accounts.brands() if one.slug == "books")  # type: ignore[attr-defined]
        columns = {
            "chat": "slack", "address": "C0BOOKS", "topic": "", "title": "", "language": "en",
            "zone": "UTC", "shows": ["items"], "routes": [],
        }  # fmt: skip
        tx.channels.save(brand, "theirs", columns, from_file=False)  # type: ignore[attr-defined]

    await page.kit.do(set_up)
    outcome = await page.disconnect()
    assert outcome.kind is OutcomeKind.REFUSED
    assert "Another brand" in outcome.says


async def test_a_worker_that_starts_meanwhile_keeps_listening_to_it(page: Page) -> None:
    await page.join()
    await page.kit.store.write(set_to_listen, ())
    assert "listen:slack" in await page.kept("due")


async def test_a_file_that_names_it_later_takes_it_over_without_its_tokens(page: Page) -> None:
    await page.join()
    await page.kit.store.write(settle_in, Roster((ACME,), chats=frozenset({"slack"})))
    assert await page.standing() is None
    assert SECRET[::-1] not in await page.kept("sealed_secret")


async def test_a_chat_that_the_file_names_is_changed_there_alone(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    rules = DeskRules(named_chats=frozenset({"slack"}))
    async with opened_desk(desk_address(request, tmp_path), rules=rules) as kit:
        page = Page(kit)
        refused = [await page.join(), await page.disconnect()]
        refused.append(await kit.order("ada", c.JoinChat("slack", US, ())))
        assert all("The configuration names this chat" in one.says for one in refused)
        assert page.wires.asked == []
