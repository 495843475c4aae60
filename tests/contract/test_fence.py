"""Who lost a lease changes nothing any more, whatever kind of row it was; on both databases.

Each case brings one due row to a worker, takes the lease away while that worker is at its task,
and gives it to an heir. Then the former holder does everything it could still try. The judge is
the whole database: not one value in it may change. The one exception is a redraw that was sent:
it may have arrived last, so the look of that message is not known any more.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.cards.actions import ButtonData, to_command
from bot.cards.card import CardKind
from bot.errors import (
    AuthenticationFailed,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    ReplydeskError,
    Unavailable,
)
from bot.model import commands as c
from bot.model.business_hours import BusinessHours
from bot.model.channel import Place
from bot.model.commands import ModerationAction, PictureRef, VariantText
from bot.model.due import NEVER_DEAD, DueRow, Lane, NewDue
from bot.model.engagement import Reactions
from bot.model.goals import GoalPolicy, ReplyGoal
from bot.model.ids import HOUR, MINUTE, SECOND, MediaHash, Moment, RemoteId
from bot.model.member import Role, Tongue
from bot.model.network import Batch, Cursor, ReadBack
from bot.model.publication import PublicationState
from bot.model.question import DueBy
from bot.services.audiences import follow
from bot.services.deciding import DeskRules
from bot.services.settling_in import NamedChannel, set_to_work
from bot.services.translating import translate_due
from bot.store.schema import METADATA
from bot.store.tx import Tx
from bot.workers.failing import Failed, Failing
from bot.workers.listen import ListenTask
from bot.workers.loop import LEASE, Renewal, Task, hand_back, renew
from bot.workers.poll import StreamTask
from tests.contract.store_case import DATABASES
from tests.fakes.chat import CHAT, ChatStep
from tests.fakes.desk_kit import DeskKit, desk_address, opened_desk
from tests.fakes.network import Step
from tests.fakes.oncall_kit import MEMBERS, ONCALL, POISONED
from tests.patience import PATIENCE

OWNER = "worker"
"""Of the former holder and of its heir: a name is no fence."""

FLOOD = 30
"""More than a channel takes before its cards become one."""

GOALS = GoalPolicy((ReplyGoal(4 * HOUR, HOUR),), BusinessHours("UTC"))

Everything = dict[str, list[tuple[Any, ...]]]


@pytest.fixture(params=DATABASES)
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    address = desk_address(request, tmp_path, request.param)
    care = NamedChannel("care", CHAT, Place("C-care"))
    rules = DeskRules(oncall=ONCALL, goals={"acme": GOALS})
    async with opened_desk(
        address, rules=rules, channels=(care,), members=MEMBERS, has_goals=True
    ) as kit:
        yield kit


# The kinds of rows, each brought to where a worker claims it


async def new_item(kit: DeskKit) -> None:
    await kit.take(kit.incoming())


async def sorted_item(kit: DeskKit) -> None:
    await new_item(kit)
    await kit.run(await one_of(kit, "triage"))


async def snoozed(kit: DeskKit) -> None:
    card = await kit.card_of(await kit.comment())
    assert (await kit.press("bob", card, c.Snooze, kit.clock.now() + HOUR)).is_done
    kit.clock.advance(HOUR / SECOND + 1)


async def to_be_told(kit: DeskKit) -> None:
    """Something is with Bob, and it is time to tell him."""
    card = await kit.card_of(await kit.comment())
    assert (await kit.press("bob", card, c.Take)).is_done
    assert (await kit.order("bob", c.SetDigest((10 * 60,)))).is_done
    kit.clock.advance(HOUR / SECOND + 1)


async def unanswered(kit: DeskKit) -> None:
    """A colleague was asked, and nobody was reminded of it yet."""
    card = await kit.card_of(await kit.comment())
    asked = await kit.press("olga", card, c.AskColleague, "bob", DueBy.HOURS, "Since when?")
    assert asked.is_done
    kit.clock.advance(4 * HOUR / SECOND + 1)


async def working(kit: DeskKit) -> None:
    """A shift that was started by hand should have ended by itself."""
    assert (await kit.order("olga", c.StartShift())).is_done
    kit.clock.advance(16 * HOUR / SECOND + 1)


async def promised(kit: DeskKit) -> None:
    """What was promised is due within the hour, and nobody was reminded yet."""
    card = await kit.card_of(await kit.comment())
    assert (await kit.press("olga", card, c.MakePromise, "In 2 hours we call back")).is_done
    kit.clock.advance(HOUR / SECOND + 1)


async def late(kit: DeskKit) -> None:
    """A reply was due a moment ago, and nobody was told."""
    await kit.comment("Where can I buy the green tea in Lyon?")
    kit.clock.advance(4 * HOUR / SECOND + 1)


async def hidden(kit: DeskKit) -> None:
    card = await kit.card_of(await kit.comment())
    assert (await kit.press("bob", card, c.Moderate, ModerationAction.HIDE)).is_done


async def approved(kit: DeskKit) -> None:
    card = await kit.card_of(await kit.comment())
    assert (await kit.press("bob", card, c.Approve)).is_done
    kit.clock.advance(11)


async def illustrated(kit: DeskKit) -> None:
    """A post that was approved and whose picture must be uploaded."""
    picture = c.AddPicture("image/png", b"\x89PNG\r\n\x1a\n")
    added = await kit.order("olga", picture)
    refs = (PictureRef(MediaHash(added.note), "A cup of tea"),)
    composed = await kit.order("olga", c.ComposePost((VariantText("acme", "New!"),), None, refs))
    card = await kit.card(composed.note)
    assert (await kit.press("alice", card, c.Approve)).is_done
    kit.clock.advance(11)


async def left_sending(kit: DeskKit) -> None:
    await approved(kit)
    await died_in(kit, Step(gate=asyncio.Event()))
    await in_state(kit, PublicationState.SENDING)


async def in_doubt(kit: DeskKit) -> None:
    """Old enough that a look would prove its absence."""
    await approved(kit)
    kit.network.next("publish", Step(OutcomeUnknown("The connection broke.")))
    await kit.run(await one_of(kit, "publish"))
    await in_state(kit, PublicationState.UNKNOWN)
    kit.clock.advance(60)


async def asked_for_a_look(kit: DeskKit) -> None:
    kit.network.can(read_back=ReadBack.NONE)
    await in_doubt(kit)
    await kit.work()
    await in_state(kit, PublicationState.NEEDS_HUMAN)
    kit.network.can(read_back=ReadBack.IMMEDIATE)
    card = await kit.card_of(await kit.id_of("c1"))
    assert (await kit.press("olga", card, c.LookAgain)).is_done


async def set_up(kit: DeskKit) -> None:
    """The rows that recur, and one that keeps a connection open."""
    await kit.store.write(set_to_work, {kit.account: kit.network})
    now = kit.clock.now()
    await kit.add_due(
        NewDue("stream", "stream:1", Lane.STREAMS, now, {"account": kit.account}, MINUTE)
    )


async def with_a_past(kit: DeskKit) -> None:
    kit.network.remembers(Batch((kit.incoming(published_at=Moment(kit.clock.now() - 2 * HOUR)),)))
    await kit.store.write(set_to_work, {kit.account: kit.network})


async def synced_first(kit: DeskKit) -> None:
    """Its first sync brought a question of yesterday."""
    kit.network.pages.append(
        Batch((kit.incoming(published_at=Moment(kit.clock.now() - 24 * HOUR)),))
    )
    await kit.store.write(set_to_work, {kit.account: kit.network})
    await kit.run(await one_of(kit, "poll"))


async def recalled(kit: DeskKit) -> None:
    await with_a_past(kit)
    await kit.run(await one_of(kit, "recall"))


async def with_a_young_post(kit: DeskKit) -> None:
    await kit.comment()
    kit.network.counts({RemoteId("post-1"): Reactions(kit.clock.now())})
    await kit.store.write(set_to_work, {kit.account: kit.network})


async def deaf(kit: DeskKit) -> None:
    """Both accounts were heard once, long ago."""
    long_ago = kit.clock.now()
    await kit.do(lambda tx: tx.accounts.heard(kit.account, long_ago))
    kit.clock.advance(3_600)
    now = kit.clock.now()
    await kit.add_due(NewDue("health", "health", Lane.PAGES, now, {}, MINUTE, NEVER_DEAD))


async def listening(kit: DeskKit) -> None:
    await kit.add_due(
        NewDue("listen", "listen:1", Lane.STREAMS, kit.clock.now(), {"chat": CHAT}, MINUTE)
    )


async def told_something_new(kit: DeskKit) -> None:
    await set_up(kit)
    for _ in range(2):
        kit.network.pages.append(Batch((kit.incoming(),), Cursor("after")))


async def with_something_to_seal(kit: DeskKit) -> None:
    await approved(kit)
    await set_up(kit)


async def in_a_crisis(kit: DeskKit) -> None:
    """An update for stakeholders is due, and the lead is not reminded of it yet."""
    proposed = await kit.order("alice", c.ProposeCrisis("A recall"))
    assert (await kit.press("alice", await kit.card(proposed.note), c.StartCrisis)).is_done
    assert (await kit.order("alice", c.ScheduleUpdates(HOUR))).is_done
    kit.clock.advance(HOUR / SECOND + 1)


async def searchable(kit: DeskKit) -> None:
    """Something was said that the index does not have yet."""
    await kit.index()
    await kit.comment()
    kit.clock.advance(6)


async def card_in_doubt(kit: DeskKit) -> None:
    """Its posting never arrived, and a look would prove that by now."""
    await sorted_item(kit)
    lost = ChatStep(acts=False, error=OutcomeUnknown("The connection broke."))
    kit.chat.script("post", lost)
    await kit.run(await one_of(kit, "card"))
    kit.clock.advance(60)


async def card_that_turned(kit: DeskKit) -> None:
    item = await kit.comment()
    assert len(kit.chat.messages) == 1
    assert (await kit.press("bob", await kit.card_of(item), c.Take)).is_done


async def unread_by_somebody(kit: DeskKit) -> None:
    """Somebody of the team does not read the comment, and a machine is to translate it."""
    brand = (await kit.account_now()).brand_id
    tongue = Tongue("ro", reads=("ro",))
    await kit.do(lambda tx: tx.people.save(brand, "bob", "Bob", Role.APPROVER, tongue=tongue))
    item = await kit.comment()
    await kit.add_due(translate_due(item, kit.clock.now()))


async def planned_and_not_approved(kit: DeskKit) -> None:
    """Its time has come."""
    slot = Moment(kit.clock.now() + 60_000)
    texts = (c.VariantText("acme", "Tea is ready."),)
    assert (await kit.order("olga", c.ComposePost(texts, slot))).is_done
    kit.clock.advance(61)


async def soon_to_leave(kit: DeskKit) -> None:
    """Nobody approved it yet, and it leaves in a day."""
    slot = Moment(kit.clock.now() + 25 * HOUR)
    texts = (c.VariantText("acme", "Tea is ready."),)
    assert (await kit.order("olga", c.ComposePost(texts, slot))).is_done
    kit.clock.advance(HOUR / SECOND + 1)


async def edited_for_long(kit: DeskKit) -> None:
    """Somebody opened an editor and never closed it."""
    card = await kit.card_of(await kit.comment())
    assert (await kit.press("bob", card, c.StartEditing)).is_done
    await kit.work()
    kit.clock.advance(121)


async def flooded(kit: DeskKit) -> None:
    many = range(FLOOD)
    await kit.take(*(kit.incoming(thread_remote_id=RemoteId(f"p{number}")) for number in many))
    await kit.work()
    kit.clock.advance(60)


async def clustered(kit: DeskKit) -> None:
    """Somebody closes a whole cluster of a peak with one press."""
    await flooded(kit)
    await kit.work()
    peak = await kit.card_of(1, CardKind.PEAK)
    close = next(one for one in peak.actions if one.argument.startswith("close-"))
    data = ButtonData(close.name, peak.key, peak.revision, close.argument)
    assert (await kit.order("bob", to_command(data, now=kit.clock.now()))).is_done


async def not_told_yet(kit: DeskKit) -> None:
    """The chat is to say who reads a channel."""
    brand = await kit.read(lambda tx: tx.accounts.brands()[0].id)
    await kit.do(lambda tx: follow(tx, tx.channels.of_brand(brand), {CHAT}))


async def alleged(kit: DeskKit) -> None:
    """Somebody may be harmed, and nobody is paged yet."""
    await kit.take(kit.incoming(POISONED))
    await kit.work(Lane.TRIAGE)


async def paged(kit: DeskKit) -> None:
    """A step was fired, and its page is still to be sent."""
    await alleged(kit)
    await kit.run(await one_of(kit, "escalate"))


async def page_in_doubt(kit: DeskKit) -> None:
    """Whoever sent it got no answer, and it can no longer arrive."""
    await paged(kit)
    kit.chat.script("direct", ChatStep(error=OutcomeUnknown("The connection broke.")))
    await kit.run(await one_of(kit, "page"))
    kit.clock.advance(60)


async def page_of_what_is_over(kit: DeskKit) -> None:
    """It stands in a chat and is to be redrawn."""
    await paged(kit)
    await kit.run(await one_of(kit, "page"))
    card = await kit.card_of(1, CardKind.INCIDENT)
    assert (await kit.press("bob", card, c.Resolve)).is_done


@dataclass(frozen=True, slots=True)
class Case:
    """`held_in` names the call in which the worker is when it loses its lease, if any."""

    kind: str
    prepare: Callable[[DeskKit], Awaitable[None]]
    held_in: str = ""
    step: Step = field(default_factory=Step)
    unsettles: str = ""
    """The column, of a table, that says what only an heir can settle."""


CASES = {
    "poll": Case("poll", told_something_new),
    "poll, at the network": Case("poll", told_something_new, "fetch"),
    "stream": Case("stream", set_up),
    "listen": Case("listen", listening),
    "recall": Case("recall", with_a_past),
    "recall, at the network": Case("recall", with_a_past, "recall"),
    "warm": Case("warm", recalled),
    "first_day": Case("first_day", synced_first),
    "measure": Case("measure", with_a_young_post),
    "measure, at the network": Case("measure", with_a_young_post, "measure"),
    "triage": Case("triage", new_item),
    "draft": Case("draft", sorted_item),
    "translate": Case("translate", unread_by_somebody),
    "card": Case("card", sorted_item),
    "card, look": Case("card", card_in_doubt),
    "card, redraw": Case("card", card_that_turned, unsettles="card_ref.look"),
    "escalate": Case("escalate", alleged),
    "page": Case("page", paged),
    "page, in doubt": Case("page", page_in_doubt),
    "page, told": Case("page", page_of_what_is_over),
    "editing": Case("editing", edited_for_long),
    "goals": Case("goals", late),
    "duty": Case("duty", working),
    "promise": Case("promise", promised),
    "question": Case("question", unanswered),
    "digest": Case("digest", to_be_told),
    "peak": Case("peak", flooded),
    "bulk": Case("bulk", clustered),
    "audience": Case("audience", not_told_yet),
    "moderate": Case("moderate", hidden),
    "moderate, at the network": Case("moderate", hidden, "moderate"),
    "wake": Case("wake", snoozed),
    "reminder": Case("reminder", soon_to_leave),
    "lapse": Case("lapse", planned_and_not_approved),
    "crisis": Case("crisis", in_a_crisis),
    "search": Case("search", searchable),
    "health": Case("health", deaf),
    "seal": Case("seal", with_something_to_seal),
    "tidy": Case("tidy", set_up),
    "verify": Case("verify", set_up),
    "publish": Case("publish", approved),
    "publish, uploading": Case("publish", illustrated, "stage", Step(Rejected("Too large."))),
    "publish, not sent": Case("publish", approved, "publish", Step(Unavailable("It is down."))),
    "publish, refused": Case("publish", approved, "publish", Step(Rejected("No links here."))),
    "publish, token": Case("publish", approved, "publish", Step(AuthenticationFailed("Revoked."))),
    "publish, unknown": Case("publish", approved, "publish", Step(OutcomeUnknown("It broke."))),
    "publish, left sending": Case("publish", left_sending),
    "look": Case("publish", in_doubt),
    "look, at the network": Case("publish", in_doubt, "find", Step(answer="absent")),
    "look, asked for": Case("publish", asked_for_a_look),
}


class Deaf:
    """A chat whose connection breaks as soon as it stands."""

    async def listen(self, connected: Callable[[], Awaitable[None]]) -> None:
        await connected()
        raise Unavailable("The connection broke.")


def tasks(kit: DeskKit) -> dict[str, Task]:
    return {
        **kit.tasks,
        "stream": StreamTask(kit.store, kit.clock, kit.lines),
        "listen": ListenTask(kit.store, kit.clock, {CHAT: Deaf()}),
    }


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


def test_every_kind_of_row_that_the_desk_works_on_has_its_case(kit: DeskKit) -> None:
    assert {one.kind for one in CASES.values()} == set(tasks(kit))


# What the former holder may try


async def test_who_lost_the_lease_changes_nothing_and_its_heir_ends_the_task(
    kit: DeskKit, case: Case
) -> None:
    await case.prepare(kit)
    former, task = await at_work(kit, case)
    heir = await claimed_again(kit, former)
    if case.kind == "publish" and case.held_in == "publish":
        # the heir records that its predecessor's request has no known end
        await tasks(kit)["publish"](heir)
        kit.clock.advance(1)
        heir = await one_of(kit, case.kind)
    before = await everything(kit)
    await task()
    after = await everything(kit)
    assert changed(before, after) == ({case.unsettles} if case.unsettles else set())
    await nothing_is_left_to(former, kit)
    await tasks(kit)[heir.kind](heir)
    assert not await kit.read(lambda tx: holds(tx, heir)), "and ends it"


ATTEMPTS: dict[str, Callable[[Tx, DueRow], object]] = {
    "complete": lambda tx, former: tx.due.done(former),
    "put off": lambda tx, former: tx.due.again(former, 0),
    "put off uncounted": lambda tx, former: tx.due.again(former, 0, counts=False),
    "go on at once": lambda tx, former: tx.due.at_once(former),
    "prolong": lambda tx, former: tx.due.keep(former, LEASE),
    "bury": lambda tx, former: tx.due.bury(former, "It never worked."),
    "renew": lambda tx, former: renew(tx, [Renewal(OWNER, (former,), LEASE)])[0],
    "hand back": lambda tx, former: hand_back(tx, [Renewal(OWNER, (former,), 0)])[0],
}


async def nothing_is_left_to(former: DueRow, kit: DeskKit) -> None:
    before = await everything(kit)
    for name, attempt in ATTEMPTS.items():
        assert not await kit.do(lambda tx, attempt=attempt: attempt(tx, former)), name  # type: ignore[misc]
        assert await everything(kit) == before, name


FAILURES = (
    RateLimited("Too fast."),
    AuthenticationFailed("The token was revoked."),
    Rejected("No."),
    KeyError("a fault of the task"),
)


@pytest.mark.parametrize("kind", ["poll", "draft"])
async def test_a_failure_of_who_lost_the_lease_is_not_the_heir_s(kit: DeskKit, kind: str) -> None:
    """Not even when it was the last try, after which the row would be a dead letter."""
    await CASES[kind].prepare(kit)
    former = await one_of(kit, kind)
    await claimed_again(kit, former)
    before = await everything(kit)
    last = replace(former, attempt=former.max_attempts, every=None)
    failing = Failing(kit.store, kit.clock)
    for error in FAILURES:
        await failing.record(Failed(last, error))
        assert await everything(kit) == before, repr(error)
    await failing.postpone(former)
    assert await everything(kit) == before


async def test_a_row_that_is_gone_leaves_no_number_behind_that_another_row_takes(
    kit: DeskKit,
) -> None:
    now = kit.clock.now()
    await kit.add_due(NewDue("wake", "wake:1", Lane.CARDS, now, {"item": 1}))
    former = await one_of(kit, "wake")
    await kit.do(lambda tx: tx.due.drop("wake:1"))
    await kit.add_due(NewDue("wake", "wake:2", Lane.CARDS, now, {"item": 2}))
    heir = await one_of(kit, "wake")
    assert heir.claim == former.claim
    await nothing_is_left_to(former, kit)


# How a lease is lost


async def at_work(kit: DeskKit, case: Case) -> tuple[DueRow, Callable[[], Awaitable[None]]]:
    """A worker that has claimed the row, and what is left of its task."""
    row = await one_of(kit, case.kind)
    if not case.held_in:
        return row, lambda: kit_run(kit, row)
    gate, reached = asyncio.Event(), asyncio.Event()
    kit.network.next(case.held_in, replace(case.step, gate=gate, reached=reached))
    running = asyncio.create_task(kit_run(kit, row))
    await asyncio.wait_for(reached.wait(), PATIENCE)

    async def rest() -> None:
        gate.set()
        await running

    return row, rest


async def kit_run(kit: DeskKit, row: DueRow) -> None:
    """As the loop runs it: what the task raises is recorded."""
    try:
        await tasks(kit)[row.kind](row)
    except ReplydeskError as error:
        await Failing(kit.store, kit.clock).record(Failed(row, error))


async def claimed_again(kit: DeskKit, former: DueRow) -> DueRow:
    kit.clock.advance(LEASE / SECOND + 1)
    heir = await one_of(kit, former.kind)
    assert (heir.id, heir.claim) == (former.id, former.claim + 1)
    return heir


async def one_of(kit: DeskKit, kind: str) -> DueRow:
    """Claim the only due row of a kind; what else is due in its lane stays claimed."""
    kit.clock.advance(0.05)
    found = [row for row in await kit.claim(*Lane, owner=OWNER) if row.kind == kind]
    assert len(found) == 1, f"{kind}: {found}"
    return found[0]


async def died_in(kit: DeskKit, step: Step) -> None:
    """The publisher's process is killed inside its request."""
    reached = asyncio.Event()
    kit.network.next("publish", replace(step, reached=reached))
    running = asyncio.create_task(kit_run(kit, await one_of(kit, "publish")))
    await asyncio.wait_for(reached.wait(), PATIENCE)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    kit.clock.advance(LEASE / SECOND + 1)


async def in_state(kit: DeskKit, state: PublicationState) -> None:
    assert (await kit.publication(await kit.id_of(RemoteId("c1")))).state is state


def holds(tx: Tx, row: DueRow) -> bool:
    due = METADATA.tables["due"]
    found = tx.connection.execute(select(due).where(due.c.id == row.id)).one_or_none()
    return found is not None and (found.claim, found.owner) == (row.claim, OWNER)


def changed(before: Everything, after: Everything) -> set[str]:
    """The columns in which rows differ, with the tables' names; a table whose rows come or go."""
    found = set()
    for name, old in before.items():
        columns = METADATA.tables[name].columns.keys()
        if len(old) != len(after[name]):
            found.add(name)
        for one, other in zip(old, after[name], strict=False):
            differ = zip(columns, one, other, strict=True)
            found |= {f"{name}.{column}" for column, was, is_ in differ if was != is_}
    return found


async def everything(kit: DeskKit) -> Everything:
    """Every value of every table."""

    def dump(tx: Tx) -> Everything:
        return {
            table.name: sorted(
                (tuple(row) for row in tx.connection.execute(select(table))), key=repr
            )
            for table in METADATA.sorted_tables
        }

    return await kit.read(dump)
