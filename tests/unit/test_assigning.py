"""Who gets an item when its card opens: the shift, in turn, and whoever answered before."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from bot.cards.card import plain
from bot.model import commands as c
from bot.model.business_hours import BusinessHours, Opening
from bot.model.duty import Assignment, DutyPlan
from bot.model.ids import ItemId, RemoteId
from bot.services.deciding import DeskRules
from tests.fakes.desk_kit import DeskKit, desk_address, opened_desk
from tests.fakes.oncall_kit import CARE, MEMBERS
from tests.unit.test_following import ANN, ASKS, JO, answered, below

NOT_NOW = BusinessHours("UTC", (((Opening(0, 1)),),) * 7)


@asynccontextmanager
async def desk(
    address: str,
    assignment: Assignment,
    channels: Mapping[str, Assignment] | None = None,
    plan: frozenset[str] = frozenset(),
    **changes: object,
) -> AsyncIterator[DeskKit]:
    duties = {"acme": DutyPlan(dict.fromkeys(plan, NOT_NOW), assignment, channels or {})}
    care = replace(CARE, **changes)  # type: ignore[arg-type]
    rules = DeskRules(duties=duties)
    async with opened_desk(address, rules=rules, channels=[care], members=MEMBERS) as kit:
        yield kit


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return desk_address(request, tmp_path, request.param)


async def on_shift(kit: DeskKit, *members: str) -> None:
    for one in members:
        assert (await kit.order(one, c.StartShift())).is_done


async def with_whom(kit: DeskKit, item: ItemId) -> str:
    who = (await kit.item(item)).assignee_id
    return "" if who is None else (await kit.read(lambda tx: tx.people.get(who))).slug


async def ask(kit: DeskKit, number: int = 1) -> ItemId:
    """Each under a post of its own, so that no peak collapses it."""
    return await kit.comment(ASKS, author=JO, thread_remote_id=RemoteId(f"post-{number}"))


async def test_those_on_shift_get_them_in_turn_and_are_mentioned(address: str) -> None:
    async with desk(address, Assignment.ROUND_ROBIN) as kit:
        await on_shift(kit, "olga", "bob")
        items = [await ask(kit, number) for number in range(4)]
        assert [await with_whom(kit, one) for one in items] == ["olga", "bob", "olga", "bob"]
        card = kit.chat.in_channel("C-care")[0].card
        assert "U-olga" in str(card.facts)
        told = [plain(one.spans) for one in (await kit.history_of(card.key)).lines]
        assert "was given to Olga, who is on shift" in told


async def test_whoever_has_the_fewest_open_ones_comes_first(address: str) -> None:
    async with desk(address, Assignment.ROUND_ROBIN) as kit:
        await on_shift(kit, "olga", "bob")
        first, second = await ask(kit, 1), await ask(kit, 2)
        assert (await kit.press("bob", await kit.card_of(second), c.NoReplyNeeded)).is_done
        assert await with_whom(kit, await ask(kit, 3)) == "bob"
        assert (await kit.press("olga", await kit.card_of(first), c.NoReplyNeeded)).is_done
        assert await with_whom(kit, await ask(kit, 4)) == "olga"


async def test_without_anybody_on_shift_it_waits_and_nothing_is_dumped_on_who_comes(
    address: str,
) -> None:
    async with desk(address, Assignment.ROUND_ROBIN) as kit:
        waits = await ask(kit)
        await on_shift(kit, "olga")
        await kit.work()
        assert await with_whom(kit, waits) == ""


async def test_nobody_gets_what_they_may_not_see_or_while_they_are_away(address: str) -> None:
    async with desk(address, Assignment.ROUND_ROBIN, private=True) as kit:
        await on_shift(kit, "olga", "alice", "ada")
        await kit.order("ada", c.GoAway())
        assert {await with_whom(kit, await ask(kit, number)) for number in range(2)} == {"alice"}


async def test_a_channel_may_have_a_policy_of_its_own(address: str) -> None:
    async with desk(address, Assignment.ROUND_ROBIN, {"care": Assignment.NONE}) as kit:
        await on_shift(kit, "olga")
        assert await with_whom(kit, await ask(kit)) == ""


async def test_the_last_answerer_gets_what_the_author_asks_elsewhere(address: str) -> None:
    async with desk(address, Assignment.LAST_ANSWERER) as kit:
        await answered(kit, by="bob")
        await on_shift(kit, "olga", "bob")
        await ask(kit, 5)
        elsewhere = RemoteId("post-9")
        mine = await kit.comment(ASKS, author=ANN, thread_remote_id=elsewhere)
        assert await with_whom(kit, mine) == "bob"
        await kit.order("bob", c.EndShift())
        other = await kit.comment(ASKS, author=ANN, thread_remote_id=RemoteId("post-10"))
        assert await with_whom(kit, other) == "olga"


async def test_whoever_writes_again_comes_back_to_who_answered_or_to_the_shift(
    address: str,
) -> None:
    async with desk(address, Assignment.NONE, plan=frozenset({"olga", "bob"})) as kit:
        first = await answered(kit, by="bob")
        assert await with_whom(kit, await below(kit, first)) == ""
        await on_shift(kit, "olga")
        assert await with_whom(kit, await below(kit, first)) == "olga"
        await on_shift(kit, "bob")
        assert await with_whom(kit, await below(kit, first)) == "bob"
        assert "U-bob" in str(kit.chat.messages[-1].card.facts)


async def test_what_is_to_practise_on_is_given_to_nobody(address: str) -> None:
    async with desk(address, Assignment.ROUND_ROBIN) as kit:
        await on_shift(kit, "olga")
        assert (await kit.order("bob", c.BeginPractice())).is_done
        await kit.work()
        practice = await kit.read(lambda tx: tx.items.get(ItemId(1)))
        assert practice.assignee_id is None
