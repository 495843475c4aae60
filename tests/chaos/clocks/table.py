"""The clocks: a clock is a due row that tells or ends something for people at a time.

Each is set as its own button sets it; `struck` counts what people would see of it, so twice is two.
Kinds of due rows that are no clocks say why.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from bot.cards.card import Card, MemberName, plain
from bot.model import commands as c
from bot.model.business_hours import BusinessHours
from bot.model.due import Lane
from bot.model.goals import GoalPolicy, ReplyGoal
from bot.model.ids import DAY, HOUR, MINUTE, SECOND, Moment, PostId, RemoteId
from bot.model.incident import Severity
from bot.model.network import Batch, Cursor
from bot.model.oncall import EscalationPolicy, Hours, OnCall, Quiet, Step
from bot.model.post import PostState
from bot.model.publication import PublicationState
from bot.model.question import DueBy
from bot.services.deciding import DeskRules
from bot.services.settling_in import NamedMember, set_to_work
from tests.fakes.desk_kit import WORK, DeskClock, DeskKit, opened_desk
from tests.fakes.oncall_kit import CARE, MEMBERS, ONCALL, POISONED

LANES = (*WORK, Lane.ANALYTICS)
BERLIN = GoalPolicy((ReplyGoal(4 * HOUR, HOUR),), BusinessHours("Europe/Berlin"))
_STEPS = (Step(("bob",), ("dm",), 5 * MINUTE), Step(("alice",), ("dm",), 10 * MINUTE))
_POLICY = EscalationPolicy("default", _STEPS)
RULES = DeskRules(
    goals={"acme": BERLIN},
    oncall=replace(ONCALL, policies=(_POLICY,)),
    stand_ins={"alice": "ada"},
)
_SEES_ALL = replace(_POLICY, severities=frozenset(Severity))
QUIET = OnCall(
    (_SEES_ALL,),
    ONCALL.routes,
    ONCALL.rotations,
    reach=1,
    quiet=Quiet(Hours(22 * 60, 7 * 60, "UTC")),
)
HOURS_OF_REST = 8 * 3_600


@asynccontextmanager
async def opened(
    address: str,
    rules: DeskRules = RULES,
    clock: DeskClock | None = None,
    members: Sequence[NamedMember] = MEMBERS,
) -> AsyncIterator[DeskKit]:
    """A desk on which each of the clocks can be set; on a database that one used, the same desk."""
    async with opened_desk(
        address, rules=rules, channels=[CARE], members=members, has_goals=True, clock=clock
    ) as kit:
        yield kit


# How each is set, and what people see of it


async def snooze(kit: DeskKit) -> None:
    card = await kit.card_of(await kit.comment("❤️ hello there, a word to you"))
    assert (await kit.press("bob", card, c.Snooze, Moment(kit.clock.now() + HOUR))).is_done


async def woken(kit: DeskKit) -> int:
    back = "SELECT count(*) FROM event WHERE kind = 'item_woke'"
    return await counted(kit, back) if await is_awake(kit) else 0


async def is_awake(kit: DeskKit) -> bool:
    return (await kit.item(await kit.id_of("c1"))).snoozed_until is None


async def ask(kit: DeskKit) -> None:
    card = await kit.card_of(await kit.comment())
    asked = await kit.press("olga", card, c.AskColleague, "bob", DueBy.HOUR, "Since when?")
    assert asked.is_done
    await kit.work()


async def promise(kit: DeskKit) -> None:
    card = await kit.card_of(await kit.comment())
    assert (await kit.press("olga", card, c.MakePromise, "In 4 hours we call")).is_done
    await kit.work()


def rolled(*kinds: str) -> Callable[[DeskKit], Awaitable[int]]:
    """How many cards of these kinds there are."""
    named = ", ".join(f"'{kind}'" for kind in kinds)

    async def count(kit: DeskKit) -> int:
        return await counted(kit, f"SELECT count(*) FROM peak WHERE kind IN ({named})")

    return count


async def counted(kit: DeskKit, query: str) -> int:
    return int(await kit.read(lambda tx: tx.connection.exec_driver_sql(query).scalar_one()))


async def wait(kit: DeskKit) -> None:
    await kit.comment("Where can I buy the green tea in Lyon?")


async def approve(kit: DeskKit) -> None:
    card = await kit.card_of(await kit.comment())
    assert (await kit.press("bob", card, c.Approve)).is_done


async def left(kit: DeskKit) -> int:
    """Whatever became of it, it waits no more; and it never leaves twice."""
    state = (await kit.publication(await kit.id_of("c1"))).state
    return len(kit.network.visible) or int(state is not PublicationState.QUEUED)


def plan(ahead: int) -> Callable[[DeskKit], Awaitable[None]]:
    """A post that waits for approval, so many milliseconds before its time."""

    async def planned(kit: DeskKit) -> None:
        texts = (c.VariantText("acme", "Tea is ready."),)
        slot = Moment(kit.clock.now() + ahead)
        assert (await kit.order("olga", c.ComposePost(texts, slot))).is_done
        await kit.work()

    return planned


async def given_back(kit: DeskKit) -> int:
    post = await kit.read(lambda tx: tx.posts.get(PostId(1)))
    return int(post.state is PostState.DRAFT)


async def passed_on(kit: DeskKit) -> int:
    """Reminders that ask the one who stands in."""
    told = [one.card for one in kit.chat.in_channel("C-care")]
    reminders = [one for one in told if "waits for approval" in plain(one.source)]
    return sum("ada" in named(one) for one in reminders)


def named(card: Card) -> list[str]:
    return [one.slug for fact in card.facts for one in fact if isinstance(one, MemberName)]


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
    assert (await kit.press("bob", await kit.card_of(await kit.comment()), c.Take)).is_done
    minute = (kit.clock.now() // MINUTE + 60) % (24 * 60)
    assert (await kit.order("bob", c.SetDigest((minute,)))).is_done


async def rest(kit: DeskKit) -> None:
    """Something is with Bob, whose quiet hours end in about an hour."""
    assert (await kit.press("bob", await kit.card_of(await kit.comment()), c.Take)).is_done
    minute = (kit.clock.now() // MINUTE + 60) % (24 * 60)
    assert (await kit.order("bob", c.SetQuiet(((minute - 8 * 60) % (24 * 60), minute)))).is_done


def told_alone(member: str) -> Callable[[DeskKit], Awaitable[int]]:
    """Messages; of a page that may be there already a marked repeat is the same one."""

    async def told(kit: DeskKit) -> int:
        messages = kit.chat.in_channel(f"D-U-{member}")
        return max(sum(not one.is_repeat for one in messages), int(bool(messages)))

    return told


async def flood(kit: DeskKit) -> None:
    for number in range(14):
        await kit.take(kit.incoming(thread_remote_id=RemoteId(f"p{number}")))
    await kit.work()


async def calm(kit: DeskKit) -> int:
    query = "SELECT count(*) FROM peak WHERE kind = 'peak' AND ended_at IS NOT NULL"
    return await counted(kit, query)


async def accuse(kit: DeskKit) -> None:
    """Bob is paged, and does not answer."""
    await kit.comment(POISONED)


async def fire(kit: DeskKit) -> None:
    """The page of the first step is written, and nobody sent it."""
    await kit.take(kit.incoming(POISONED))
    await kit.work(Lane.TRIAGE)
    for row in await kit.claim(Lane.PAGES):
        await kit.run(row)


async def accuse_at_night(kit: DeskKit) -> None:
    """Of what does not break the quiet hours, at eleven in the evening."""
    kit.clock.advance((23 * HOUR - kit.clock.now() % DAY) % DAY / SECOND)
    author = replace(kit.incoming().author, followers=9)
    await kit.comment("Nice tea.", author=author)


async def begin_crisis(kit: DeskKit) -> None:
    """An update for stakeholders is due every half hour."""
    outcome = await kit.order("alice", c.ProposeCrisis("A recall."))
    card = await kit.card(outcome.note)
    assert (await kit.press("alice", card, c.StartCrisis)).is_done
    assert (await kit.order("alice", c.ScheduleUpdates(HOUR // 2))).is_done
    await kit.work()


async def called(kit: DeskKit) -> int:
    return await counted(kit, "SELECT count(*) FROM crisis_update")


async def join_network(kit: DeskKit) -> None:
    """What stood there before is stored, and nobody was told."""
    days_ago = Moment(kit.clock.now() - 2 * DAY)
    old = [
        kit.incoming(published_at=days_ago, thread_remote_id=RemoteId(f"p{n}")) for n in range(3)
    ]
    kit.network.pages.append(Batch(tuple(old), Cursor("end")))
    await kit.store.write(set_to_work, {kit.account: kit.network})
    await kit.work(Lane.POLLS)


@dataclass(frozen=True, slots=True)
class Clock:
    """`strikes`: seconds after which it has struck for certain."""

    kind: str
    set: Callable[[DeskKit], Awaitable[None]]
    strikes: int
    struck: Callable[[DeskKit], Awaitable[int]]
    rules: DeskRules = RULES


CLOCKS = {
    "snooze": Clock("wake", snooze, 3_601, woken),
    "question": Clock("question", ask, 3_601, rolled("asked")),
    "promise": Clock("promise", promise, 3 * 3_600 + 1, rolled("promised")),
    "goals": Clock("goals", wait, 3 * 3_600 + 61, rolled("soon", "late")),
    "undo window": Clock("publish", approve, 11, left),
    "expiry": Clock("lapse", plan(HOUR), 3_601, given_back),
    "reminder": Clock("reminder", plan(4 * DAY), 3 * 86_400 + 1, rolled("approval")),
    "stand-in": Clock("reminder", plan(3 * DAY + 2 * HOUR), 3 * 86_400 + 1, passed_on),
    "editing": Clock("editing", edit, 121, stopped_editing),
    "shift": Clock("duty", start_shift, 16 * 3_600 + 1, off_shift),
    "digest": Clock("digest", choose_times, 3_601, told_alone("bob")),
    "quiet hours": Clock("digest", rest, 3_601, told_alone("bob")),
    "peak": Clock("peak", flood, 900, calm),
    "first day": Clock("first_day", join_network, 11, rolled("past")),
    "on call, a step": Clock("escalate", accuse, 301, told_alone("alice")),
    "on call, a page": Clock("page", fire, 1, told_alone("bob")),
    "on call, quiet hours": Clock(
        "escalate", accuse_at_night, HOURS_OF_REST + 1, told_alone("bob"), DeskRules(oncall=QUIET)
    ),
    "crisis": Clock("crisis", begin_crisis, 1_801, called),
}
NO_CLOCKS = {
    "works on what came, at once": {"triage", "draft", "translate", "card", "moderate", "bulk"},
    "looks again and again, and tells nobody": {
        "poll", "recall", "warm", "measure", "audience", "search", "seal", "tidy", "verify",
    },
    "looks every minute: tests/unit/test_silences.py and tests/chaos/oncall": {"health"},
}  # fmt: skip
