"""Every clock of the desk strikes once, whatever happens to the process, the wall and the hours.

A clock is a due row that tells or ends something for people at a time. Each is set as its own
button sets it, then something happens, then its time comes. Kinds of due rows that are no clocks
say why; a kind that is in neither table fails.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.model import commands as c
from bot.model.business_hours import BusinessHours, Opening
from bot.model.channel import Place
from bot.model.goals import GoalPolicy, ReplyGoal
from bot.model.ids import HOUR, MINUTE, SECOND, Moment, PostId, RemoteId
from bot.model.member import ChatIdentity
from bot.model.post import PostState
from bot.model.publication import PublicationState
from bot.model.question import DueBy
from bot.services.deciding import DeskRules
from bot.services.settling_in import NamedChannel
from bot.workers.items import GoalsTask
from bot.workers.loop import LEASE, pull_in
from tests.fakes.chat import CHAT
from tests.fakes.desk_kit import DeskKit, desk_address, opened_desk

CARE = NamedChannel("care", CHAT, Place("C-care"))
BERLIN = GoalPolicy((ReplyGoal(4 * HOUR, HOUR),), BusinessHours("Europe/Berlin"))
RULES = DeskRules(goals={"acme": BERLIN})
SPRING_FORWARD = round(datetime(2027, 3, 28, 1, tzinfo=UTC).timestamp())
"""Berlin's clocks go from two to three."""
THREE_DAYS = 3 * 24 * 3_600
A_NIGHT = 8 * 3_600


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    address = desk_address(request, tmp_path, request.param)
    async with opened_desk(address, rules=RULES, channels=[CARE], has_goals=True) as found:
        yield found


# How each is set, and whether it struck


async def snooze(kit: DeskKit) -> None:
    card = await kit.card_of(await kit.comment("❤️ hello there, a word to you"))
    assert (await kit.press("bob", card, c.Snooze, Moment(kit.clock.now() + HOUR))).is_done


async def woken(kit: DeskKit) -> int:
    return int((await kit.item(await kit.id_of("c1"))).snoozed_until is None)


async def ask(kit: DeskKit) -> None:
    card = await kit.card_of(await kit.comment())
    asked = await kit.press("olga", card, c.AskColleague, "bob", DueBy.HOUR, "Since when?")
    assert asked.is_done
    await kit.work()


async def reminded(kit: DeskKit) -> int:
    return await counted(kit, "SELECT count(*) FROM peak WHERE kind = 'asked'")


async def counted(kit: DeskKit, query: str) -> int:
    return int(await kit.read(lambda tx: tx.connection.exec_driver_sql(query).scalar_one()))


async def wait(kit: DeskKit) -> None:
    await kit.comment("Where can I buy the green tea in Lyon?")


async def told(kit: DeskKit) -> int:
    return await counted(kit, "SELECT count(*) FROM peak WHERE kind IN ('soon', 'late')")


async def approve(kit: DeskKit) -> None:
    card = await kit.card_of(await kit.comment())
    assert (await kit.press("bob", card, c.Approve)).is_done


async def left(kit: DeskKit) -> int:
    """Whatever became of it, it waits no more; and it never leaves twice."""
    assert len(kit.network.visible) <= 1
    state = (await kit.publication(await kit.id_of("c1"))).state
    return int(state is not PublicationState.QUEUED)


async def plan(kit: DeskKit) -> None:
    texts = (c.VariantText("acme", "Tea is ready."),)
    slot = Moment(kit.clock.now() + HOUR)
    assert (await kit.order("olga", c.ComposePost(texts, slot))).is_done


async def given_back(kit: DeskKit) -> int:
    post = await kit.read(lambda tx: tx.posts.get(PostId(1)))
    return int(post.state is PostState.DRAFT)


async def edit(kit: DeskKit) -> None:
    card = await kit.card_of(await kit.comment())
    assert (await kit.press("bob", card, c.StartEditing)).is_done
    await kit.work()


async def stopped_editing(kit: DeskKit) -> int:
    """Nobody is shown as editing once its row is gone."""
    return int(not await counted(kit, "SELECT count(*) FROM due WHERE kind = 'editing'"))


async def start_shift(kit: DeskKit) -> None:
    assert (await kit.order("olga", c.StartShift())).is_done


async def off_shift(kit: DeskKit) -> int:
    return await counted(kit, "SELECT count(*) FROM duty WHERE ended_at IS NOT NULL")


async def choose_times(kit: DeskKit) -> None:
    """Something is with Bob, who wants to be told about an hour from now."""
    brand = (await kit.account_now()).brand_id
    bob = ChatIdentity(CHAT, "bob")
    member = await kit.read(lambda tx: tx.people.by_slug(brand, "bob"))
    assert member is not None
    await kit.do(lambda tx: tx.people.identify(member, bob))
    assert (await kit.press("bob", await kit.card_of(await kit.comment()), c.Take)).is_done
    minute = (kit.clock.now() // MINUTE + 60) % (24 * 60)
    assert (await kit.order("bob", c.SetDigest((minute,)))).is_done


async def told_alone(kit: DeskKit) -> int:
    return len(kit.chat.in_channel("D-bob"))


async def flood(kit: DeskKit) -> None:
    for number in range(14):
        await kit.take(kit.incoming(thread_remote_id=RemoteId(f"p{number}")))
    await kit.work()


async def calm(kit: DeskKit) -> int:
    query = "SELECT count(*) FROM peak WHERE kind = 'peak' AND ended_at IS NOT NULL"
    return await counted(kit, query)


@dataclass(frozen=True, slots=True)
class Clock:
    """`strikes`: seconds after which it has struck for certain."""

    set: Callable[[DeskKit], Awaitable[None]]
    strikes: int
    struck: Callable[[DeskKit], Awaitable[int]]


CLOCKS = {
    "wake": Clock(snooze, 3_601, woken),
    "question": Clock(ask, 3_601, reminded),
    "goals": Clock(wait, 3 * 3_600 + 61, told),
    "publish": Clock(approve, 11, left),
    "lapse": Clock(plan, 3_601, given_back),
    "editing": Clock(edit, 121, stopped_editing),
    "duty": Clock(start_shift, 16 * 3_600 + 1, off_shift),
    "digest": Clock(choose_times, 3_601, told_alone),
    "peak": Clock(flood, 900, calm),
}
NO_CLOCKS = {
    "works on what came, at once": {"triage", "draft", "translate", "card", "moderate", "bulk"},
    "looks again and again, and tells nobody": {
        "poll", "recall", "warm", "measure", "audience", "search", "seal", "tidy", "verify",
    },
    "its own tests play its times": {"reminder", "promise", "first_day"},
    "on call: tests/chaos/oncall plays its jumps and kills": {"escalate", "page", "health"},
    "a crisis: tests/e2e/test_crisis_killed.py": {"crisis"},
}  # fmt: skip


def test_every_kind_of_due_row_is_a_clock_here_or_says_why_not(kit: DeskKit) -> None:
    named = set(CLOCKS).union(*NO_CLOCKS.values())
    assert set(kit.tasks) <= named, "a clock needs a row in the table, anything else a reason"


@pytest.fixture(params=CLOCKS)
def clock(request: pytest.FixtureRequest) -> Clock:
    return CLOCKS[request.param]


async def strikes_once(kit: DeskKit, clock: Clock) -> None:
    """Now, and not again however much time passes."""
    await kit.work()
    assert await clock.struck(kit) == 1
    await kit.pass_time(120)
    assert await clock.struck(kit) == 1


async def test_who_claimed_it_is_killed_and_it_strikes_all_the_same(
    kit: DeskKit, clock: Clock
) -> None:
    await clock.set(kit)
    kit.clock.advance(clock.strikes)
    assert await kit.claim(owner="killed"), "somebody has it"
    assert await clock.struck(kit) == 0
    kit.clock.advance(LEASE / SECOND + 1)
    await strikes_once(kit, clock)


async def test_the_wall_clock_jumps_over_its_time_and_it_strikes_once(
    kit: DeskKit, clock: Clock
) -> None:
    await clock.set(kit)
    kit.clock.jump(THREE_DAYS)
    await strikes_once(kit, clock)


async def test_the_wall_clock_is_set_back_and_it_strikes_when_its_time_comes(
    kit: DeskKit, clock: Clock
) -> None:
    await clock.set(kit)
    kit.clock.jump(-A_NIGHT)
    await kit.store.write(pull_in, None)
    await kit.work()
    kit.clock.advance(A_NIGHT + clock.strikes)
    await strikes_once(kit, clock)


async def test_the_hour_that_summer_takes_away_changes_nothing(kit: DeskKit, clock: Clock) -> None:
    kit.clock.advance(SPRING_FORWARD - kit.clock.now() / SECOND - 5)
    await clock.set(kit)
    assert await clock.struck(kit) == 0
    kit.clock.advance(clock.strikes)
    await strikes_once(kit, clock)


async def test_other_business_hours_lose_no_clock(kit: DeskKit, clock: Clock) -> None:
    """The desk starts anew with hours that end later; what was due strikes within them."""
    await clock.set(kit)
    week = ((Opening(0, 23 * 60),),) * 7
    later = replace(BERLIN, hours=BusinessHours("Europe/Berlin", week))
    kit.tasks = {**kit.tasks, "goals": GoalsTask(kit.store, {"acme": later})}
    await kit.work()
    kit.clock.advance(clock.strikes)
    await strikes_once(kit, clock)


def test_the_tables_name_each_kind_once() -> None:
    named = [kind for kinds in (set(CLOCKS), *NO_CLOCKS.values()) for kind in kinds]
    assert len(named) == len(set(named))
