"""Two people in two chats in the same moment, and two brands with the same words, many times over.

A thousand times in `make test`, five thousand in `make test-slow`.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path
from typing import Any

import pytest

from bot.cards.card import CardKind
from bot.model import commands as c
from bot.model.account import AccountState
from bot.model.commands import OutcomeKind
from bot.model.ids import AccountId, ItemId, RemoteId
from bot.model.member import Role
from bot.model.publication import Publication
from bot.services.intake import Delivery, take
from bot.services.settling_in import NamedAccount, NamedBrand, NamedMember, Roster, settle_in
from tests.fakes.desk_kit import ACME, COMPLAINT, DeskKit, desk_address, opened_desk
from tests.fakes.four_doors import FourDoors, Told, four_doors
from tests.fakes.network import NETWORK, FakeNetwork

pytestmark = pytest.mark.sampled

TIMES = 5_000 if os.environ.get("REPLYDESK_EVERY_K") == "1" else 200
AT_ONCE = 100
"""Comments that are brought in together."""


@pytest.fixture
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    async with opened_desk(desk_address(request, tmp_path)) as made:
        yield made


async def comments(kit: DeskKit, account: AccountId, many: int) -> list[ItemId]:
    """So many comments with the same words, sorted and drafted."""
    incoming = tuple(kit.incoming(COMPLAINT) for _ in range(many))
    await kit.store.write(take, Delivery(account, incoming))
    await kit.work()
    keys = [one.remote_id for one in incoming]
    known = await kit.read(lambda tx: tx.items.known(account, keys))
    return [known[key].id for key in keys]


async def publications(kit: DeskKit, items: list[ItemId]) -> list[Publication | None]:
    return await kit.read(lambda tx: [tx.publications.latest_of_item(one) for one in items])


# --- two people, two chats


@pytest.fixture
async def doors(kit: DeskKit) -> AsyncIterator[FourDoors]:
    async with four_doors(kit, ("bob", "eve")) as opened:
        yield opened


DECISIONS = {"approve": "published this reply", "no_reply": "closed this, no reply needed"}


async def later(pressing: Awaitable[Told], seconds: float) -> Told:
    await asyncio.sleep(seconds)
    return await pressing


def leads(turn: int) -> tuple[float, float]:
    """By how many seconds each of the two presses later: Slack's way takes a little longer."""
    lead = (turn % 17 - 4) / 1_000
    return max(0.0, -lead), max(0.0, lead)


async def race(doors: FourDoors, item: ItemId, turn: int) -> str:
    """The decision of whoever was first; the other was told who and what."""
    card = await doors.kit.read(lambda tx: tx.cards.of(CardKind.ITEM, item))
    mine, other = ("approve", "no_reply") if turn % 3 else ("approve", "approve")
    both = {"Bob": ("slack", "bob", mine), "Eve": ("telegram", "eve", other)}
    presses = [
        later(doors.press(chat, who, f"{press}.{card.token}.{card.revision}"), seconds)
        for (chat, who, press), seconds in zip(both.values(), leads(turn), strict=True)
    ]
    told = dict(zip(both, await asyncio.gather(*presses), strict=True))
    losers = [name for name, answer in told.items() if answer.says]
    assert len(losers) == 1, told
    [winner] = set(both) - set(losers)
    decision = both[winner][2]
    assert told[losers[0]].says.startswith(f"{winner} {DECISIONS[decision]}"), told
    assert all(answer.status == 200 for answer in told.values())
    return f"{winner} {decision}"


async def test_of_two_in_the_same_moment_one_decides_and_the_other_is_told(
    doors: FourDoors,
) -> None:
    kit, decided, approved = doors.kit, Counter[str](), 0
    for begin in range(0, TIMES, AT_ONCE):
        items = await comments(kit, kit.account, AT_ONCE)
        for number, item in enumerate(items):
            decision = await race(doors, item, begin + number)
            decided[decision] += 1
            [publication] = await publications(kit, [item])
            approved += decision.endswith("approve")
            assert (publication is not None) is decision.endswith("approve")
        await kit.pass_time(30)
        assert len(kit.network.visible) == approved
    assert sum(decided.values()) == TIMES
    assert len({one.target for one in kit.network.visible}) == approved, "one was answered twice"
    assert {name.split()[0] for name in decided} == {"Bob", "Eve"}, decided


# --- two brands


RIVAL = NamedBrand(
    "rival", "Rival Tea", ("en",), (), "UTC", "", (NamedMember("zoe", "Zoe", Role.APPROVER),),
    (NamedAccount("rival", NETWORK),),
)  # fmt: skip


async def test_with_two_brands_and_the_same_words_no_reply_goes_astray(kit: DeskKit) -> None:
    settled = await kit.store.write(settle_in, Roster((ACME, RIVAL)))
    await kit.do(
        lambda tx: [tx.accounts.set_state(one.id, AccountState.LIVE) for one in tx.accounts.all()]
    )
    network = FakeNetwork(kit.clock)
    connectors: Any = kit.lines.connectors
    connectors[settled["rival", "rival"].id] = network
    brands = {
        "bob": (kit.account, kit.network),
        "zoe": (settled["rival", "rival"].id, network),
    }
    for _ in range(0, TIMES, AT_ONCE):
        queues = {
            who: await comments(kit, account, AT_ONCE // 2)
            for who, (account, _network) in brands.items()
        }
        pairs = list(zip(*queues.values(), strict=True))
        for mine, theirs in pairs:
            await switch(kit, mine, theirs)
        await kit.pass_time(30)
    for who, (account, where) in brands.items():
        await only_its_own(kit, account, where)
        assert len(where.visible) == TIMES // 2, who


async def switch(kit: DeskKit, mine: ItemId, theirs: ItemId) -> None:
    """Bob answers for one brand while Zoe does for the other, each on the other's card first."""
    cards = await kit.read(lambda tx: [tx.cards.of(CardKind.ITEM, one) for one in (mine, theirs)])
    for who in (("zoe", "bob"), ("bob", "zoe")):
        orders = [
            kit.order(member, c.Approve(card.token, card.revision))
            for member, card in zip(who, cards, strict=True)
        ]
        kinds = {outcome.kind for outcome in await asyncio.gather(*orders)}
        assert kinds == {OutcomeKind.MISSING if who[0] == "zoe" else OutcomeKind.DONE}


async def only_its_own(kit: DeskKit, account: AccountId, network: FakeNetwork) -> None:
    """Every reply stands once, under a comment of this very account."""
    targets = [RemoteId(str(one.target)) for one in network.visible]
    known = await kit.read(lambda tx: tx.items.known(account, targets))
    assert set(known) == set(targets)
    assert len(set(targets)) == len(targets)
