"""Reply goals: who waits too long is seen, and whoever is to act is told, once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.cards.card import Card, CardKind, plain
from bot.cards.pages import QueueFilter
from bot.model import commands as c
from bot.model.business_hours import BusinessHours
from bot.model.channel import Place
from bot.model.goals import GoalPolicy, ReplyGoal
from bot.model.ids import HOUR, MINUTE, ItemId, Moment, RemoteId
from bot.model.item import ItemKind, ItemState
from bot.model.member import ChatIdentity
from bot.model.network import RemoteAuthor
from bot.model.peak import PeakRule
from bot.model.triage import Urgency
from bot.services import goals
from bot.services.deciding import DeskRules
from bot.services.settling_in import NamedChannel, Roster, settle_in
from bot.store.tx import Tx
from tests.fakes.chat import CHAT, Message
from tests.fakes.desk_kit import DeskKit, desk_address, opened_desk

CARE = NamedChannel("care", CHAT, Place("C-care"))
LEADS = NamedChannel("leads", CHAT, Place("C-leads"))
QUESTION = "Where can I buy the green tea in Lyon?"
POLICY = GoalPolicy((ReplyGoal(4 * HOUR, HOUR),), BusinessHours("UTC"))
RULES = DeskRules(goals={"acme": POLICY}, peaks=PeakRule(0, 0))
Opened = AbstractAsyncContextManager[DeskKit]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return desk_address(request, tmp_path, request.param)


@pytest.fixture
async def kit(address: str) -> AsyncIterator[DeskKit]:
    async with opened(address) as found:
        yield found


def opened(address: str, policy: GoalPolicy = POLICY) -> Opened:
    rules = replace(RULES, goals={"acme": policy})
    return opened_desk(address, rules=rules, channels=[CARE], has_goals=True)


def author(name: str) -> RemoteAuthor:
    return RemoteAuthor(RemoteId(name), name, name.title())


async def question(kit: DeskKit, name: str = "ann", **fields: object) -> ItemId:
    return await kit.comment(QUESTION, author=author(name), **fields)


def told(kit: DeskKit) -> list[Message]:
    return [one for one in kit.chat.messages if one.card.kind is CardKind.PEAK]


def source(message: Message) -> str:
    return plain(message.card.source)


def facts(card: Card) -> list[str]:
    return [plain(fact) for fact in card.facts]


async def due(kit: DeskKit, item: ItemId) -> int | None:
    clock = (await kit.item(item)).clock
    return None if clock is None else clock.due_at


async def answer(kit: DeskKit, item: ItemId) -> None:
    await kit.press("bob", await kit.card_of(item), c.ApproveEdited, "In our shop.")
    await kit.pass_time(30)
    assert (await kit.item(item)).state is ItemState.ANSWERED


async def later(kit: DeskKit, minutes: float) -> None:
    """The desk looks every ten minutes, which is enough for what is told."""
    while minutes > 0:
        kit.clock.advance(min(minutes, 10) * 60)
        await kit.work()
        minutes -= 10


# --- the clock


async def test_it_runs_from_when_they_wrote(kit: DeskKit) -> None:
    wrote = Moment(kit.clock.now() - 10 * MINUTE)
    item = await question(kit, published_at=wrote)
    assert await due(kit, item) == wrote + 4 * HOUR
    assert "Reply due " in facts(await kit.card_of(item))


async def test_a_network_whose_clock_is_ahead_gains_no_time(kit: DeskKit) -> None:
    item = await question(kit, published_at=Moment(kit.clock.now() + 9 * HOUR))
    assert await due(kit, item) == (await kit.item(item)).received_at + 4 * HOUR


async def test_what_needs_no_reply_has_none(kit: DeskKit) -> None:
    assert await due(kit, await kit.comment("❤️❤️", author=author("ann"))) is None


async def test_whoever_writes_again_has_the_next_replys_goal(kit: DeskKit) -> None:
    await answer(kit, await question(kit))
    again = await question(kit)
    assert await due(kit, again) == (await kit.item(again)).published_at + HOUR


async def test_reopening_starts_the_next_replys_goal(kit: DeskKit) -> None:
    item = await question(kit)
    await kit.press("bob", await kit.card_of(item), c.NoReplyNeeded)
    await later(kit, 2 * 60)
    await kit.press("bob", await kit.card_of(item), c.Reopen)
    assert await due(kit, item) == kit.clock.now() + HOUR


async def test_an_edit_does_not_start_it_anew(kit: DeskKit) -> None:
    item = await question(kit)
    before = await due(kit, item)
    await later(kit, 3.5 * 60)
    remote = (await kit.item(item)).remote_id
    await kit.take(kit.incoming(QUESTION + " And in Nice?", author=author("ann"), remote_id=remote))
    await kit.pass_time(60)
    assert await due(kit, item) == before
    assert len(told(kit)) == 1


def test_the_first_goal_that_is_for_an_item_counts() -> None:
    policy = replace(
        POLICY,
        goals=(
            ReplyGoal(MINUTE, MINUTE, frozenset({"acme"}), frozenset({ItemKind.REVIEW})),
            ReplyGoal(HOUR, 0, urgencies=frozenset({Urgency.HIGH, Urgency.CRITICAL})),
            *POLICY.goals,
        ),
    )

    def due_in(account: str, kind: ItemKind, urgency: Urgency, *, is_next: bool) -> int | None:
        clock = policy.clock(account, kind, urgency, Moment(0), is_next=is_next)
        return None if clock is None else clock.due_at

    low, high = Urgency.LOW, Urgency.HIGH
    assert due_in("acme", ItemKind.REVIEW, high, is_next=False) == MINUTE
    assert due_in("acme-two", ItemKind.REVIEW, high, is_next=False) == HOUR
    assert due_in("acme-two", ItemKind.REVIEW, high, is_next=True) is None
    assert due_in("acme", ItemKind.COMMENT, low, is_next=False) == 4 * HOUR


# --- who is told


async def test_whoever_has_it_is_told_at_three_quarters_and_the_leads_when_it_is_late(
    kit: DeskKit,
) -> None:
    item = await question(kit)
    await kit.press("olga", await kit.card_of(item), c.Take)
    await later(kit, 3 * 60 - 1)
    assert told(kit) == []
    await later(kit, 2)
    [soon] = told(kit)
    assert source(soon) == "1 reply is due soon"
    assert facts(soon.card) == ["Olga"]
    assert f"#{item} Ann: {QUESTION}" in plain(soon.card.quote)
    await later(kit, 60)
    [_, late] = told(kit)
    assert source(late) == "1 reply is late"
    assert facts(late.card) == ["Alice"]
    assert "Late, the reply was due " in facts(await kit.card_of(item))
    await later(kit, 24 * 60)
    assert len(told(kit)) == 2
    said = [plain(line.spans) for line in (await kit.history_of(await kit.token_of(item))).lines]
    assert "its reply is due soon" in said
    assert "its reply is late" in said


async def test_a_reply_in_time_tells_nobody(kit: DeskKit) -> None:
    await answer(kit, await question(kit))
    await later(kit, 24 * 60)
    assert told(kit) == []


async def test_a_reply_on_the_network_itself_stops_it(kit: DeskKit) -> None:
    item = await question(kit)
    parent = (await kit.item(item)).remote_id
    await kit.take(kit.incoming("By hand.", by_us=True, parent_remote_id=parent))
    await later(kit, 24 * 60)
    assert told(kit) == []


async def test_a_snooze_does_not_stop_it(kit: DeskKit) -> None:
    item = await question(kit)
    until = Moment(kit.clock.now() + 8 * HOUR)
    await kit.press("bob", await kit.card_of(item), c.Snooze, until)
    await later(kit, 4.1 * 60)
    assert [source(one) for one in told(kit)] == ["1 reply is due soon", "1 reply is late"]


async def test_where_the_policy_says_so_a_snooze_stops_it(address: str) -> None:
    async with opened(address, replace(POLICY, snooze_stops=True)) as kit:
        item = await question(kit)
        before = await due(kit, item)
        assert before is not None
        until = Moment(kit.clock.now() + 8 * HOUR)
        passed = kit.clock.now() - (await kit.item(item)).published_at
        await kit.press("bob", await kit.card_of(item), c.Snooze, until)
        assert await due(kit, item) == until + 4 * HOUR - passed
        await later(kit, 8 * 60)
        assert not [one for one in told(kit) if "due soon" in source(one)]


async def test_late_replies_are_told_in_the_leads_channel(address: str) -> None:
    policy = replace(POLICY, lead_channel="leads", leads=("eve",))
    rules = replace(RULES, goals={"acme": policy})
    async with opened_desk(address, rules=rules, channels=[CARE, LEADS], has_goals=True) as kit:
        await question(kit)
        await later(kit, 4.1 * 60)
        late = [one for one in told(kit) if source(one) == "1 reply is late"]
        assert [one.place.channel for one in late] == ["C-leads"]
        assert facts(late[0].card) == ["Eve"]


async def test_a_flood_of_late_replies_is_one_message(kit: DeskKit) -> None:
    for number in range(30):
        await question(kit, f"fan{number}")
    await later(kit, 5 * 60)
    [soon, late] = told(kit)
    assert source(soon) == "30 replies are due soon"
    assert source(late) == "30 replies are late"
    assert plain(late.card.quote).count(QUESTION) == 5
    assert plain(late.card.state.spans) == "30 of 30 still wait"


async def test_its_card_counts_down_and_says_when_all_are_decided(kit: DeskKit) -> None:
    items = [await question(kit, f"fan{number}") for number in range(2)]
    await later(kit, 3 * 60 + 1)
    [soon] = told(kit)
    await answer(kit, items[0])
    await later(kit, 2)
    assert plain(soon.card.state.spans) == "1 of 2 still wait"
    await kit.press("bob", await kit.card_of(items[1]), c.NoReplyNeeded)
    await later(kit, 2)
    assert plain(soon.card.state.spans) == "All of them are decided"


async def test_the_mention_is_a_real_one_where_the_chat_knows_them(kit: DeskKit) -> None:
    item = await question(kit)
    olga = await kit.read(lambda tx: tx.people.who(kit.who("olga")))
    assert olga is not None
    await kit.do(lambda tx: tx.people.identify(olga, ChatIdentity("slack", "U0OLGA")))
    await kit.press("olga", await kit.card_of(item), c.Take)
    await later(kit, 3 * 60 + 1)
    [soon] = told(kit)
    [[name]] = soon.card.facts
    assert ChatIdentity("slack", "U0OLGA") in name.users  # type: ignore[union-attr]


# --- what survives


async def test_what_was_due_while_nothing_ran_is_told_once(kit: DeskKit) -> None:
    await question(kit)
    kit.clock.advance(9 * 3600)
    await kit.work()
    assert [source(one) for one in told(kit)] == ["1 reply is late"]


async def test_another_policy_sets_the_clocks_of_open_items_anew(address: str) -> None:
    async with opened(address) as kit:
        item = await question(kit)
        wrote = (await kit.item(item)).published_at
    other = replace(POLICY, goals=(ReplyGoal(6 * HOUR, HOUR),))
    async with opened(address, other) as kit:
        await later(kit, 10)
        assert await due(kit, item) == wrote + 6 * HOUR


async def test_without_goals_any_more_nothing_is_due(address: str) -> None:
    async with opened(address) as kit:
        item = await question(kit)
    async with opened_desk(address, rules=replace(RULES, goals={}), channels=[CARE]) as kit:
        await later(kit, 9 * 60)
        assert await due(kit, item) is None
        assert told(kit) == []


async def test_a_brand_that_left_the_configuration_is_told_nothing(kit: DeskKit) -> None:
    item = await question(kit)
    await kit.store.write(settle_in, Roster(()))
    await later(kit, 5 * 60)
    assert await due(kit, item) is None
    assert told(kit) == []


# --- the queue, and how it went


async def test_the_queue_shows_what_is_due_first_first(kit: DeskKit) -> None:
    now = kit.clock.now()
    ages = {"old": 60, "older": 120, "new": 1, "oldest": 180}
    for name, age in ages.items():
        await question(kit, name, published_at=Moment(now - age * MINUTE))
    for wanted in (QueueFilter.OPEN, QueueFilter.ALL):
        page = await kit.queue(wanted)
        names = [plain(card.source).split()[0] for card in page.cards]
        by_time = ["Oldest", "Older", "Old", "New"]
        assert names == (
            by_time if wanted is QueueFilter.OPEN else ["Oldest", "New", "Older", "Old"]
        )


async def test_how_it_went_is_reported(kit: DeskKit) -> None:
    began = kit.clock.now()
    in_time = await question(kit, "ann")
    too_late, closed = await question(kit, "ben"), await question(kit, "cem")
    await question(kit, "dan")  # never answered
    await later(kit, 60)
    await answer(kit, in_time)
    await kit.press("bob", await kit.card_of(closed), c.NoReplyNeeded)
    await later(kit, 4 * 60)
    await answer(kit, too_late)
    brand = (await kit.item(in_time)).brand_id

    def told_of(tx: Tx, *, is_next: bool) -> Any:
        until = Moment(kit.clock.now() + 1)
        return goals.report(tx, RULES.goals, brand, began, until, is_next=is_next)

    first = await kit.read(lambda tx: told_of(tx, is_next=False))
    assert (first.wanted, first.answered, first.within, first.late) == (3, 2, 1, 2)
    assert first.rate == pytest.approx(2 / 3)
    assert first.median == pytest.approx(3 * HOUR, rel=0.02)
    assert (await kit.read(lambda tx: told_of(tx, is_next=True))).wanted == 0
