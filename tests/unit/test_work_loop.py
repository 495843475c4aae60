"""The claiming loop: lanes apart, leases kept, failures by their class, and an orderly stop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from bot.coordination.wakeup import LocalWakeup
from bot.errors import AuthenticationFailed, RateLimited, Unavailable
from bot.metrics import Metrics
from bot.model import commands as c
from bot.model.account import AccountState
from bot.model.due import DueRow, Lane, NewDue
from bot.model.event import EventKind
from bot.model.ids import MINUTE, SECOND, RemoteId
from bot.model.network import Batch, Cursor
from bot.model.publication import PublicationState
from bot.workers.failing import Failed, Failing
from bot.workers.loop import LEASE, Task, WorkLoop
from tests.fakes.desk_kit import DeskKit, desk_address, opened_desk
from tests.fakes.network import Step
from tests.patience import PATIENCE


@pytest.fixture
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    async with opened_desk(desk_address(request, tmp_path)) as kit:
        yield kit


class Busy:
    """A task that tells when it runs and ends when it is let go."""

    def __init__(self, kit: DeskKit) -> None:
        self._kit = kit
        self.started: asyncio.Queue[DueRow] = asyncio.Queue()
        self.go = asyncio.Event()
        self.most = 0
        self._now = 0

    async def __call__(self, row: DueRow) -> None:
        self._now += 1
        self.most = max(self.most, self._now)
        self.started.put_nowait(row)
        try:
            await self.go.wait()
            await self._kit.do(lambda tx: tx.due.done(row))
        finally:
            self._now -= 1

    async def next(self) -> DueRow:
        return await asyncio.wait_for(self.started.get(), PATIENCE)


@asynccontextmanager
async def running(
    kit: DeskKit,
    tasks: Mapping[str, Task],
    concurrency: Mapping[Lane, int] | None = None,
    lease: int = LEASE,
) -> AsyncIterator[asyncio.Event]:
    wakeup = LocalWakeup()
    kit.store.on_commit(wakeup.ring)
    lanes = concurrency or dict.fromkeys(Lane, 4)
    loop = WorkLoop(
        kit.store, kit.clock, wakeup, tasks, Metrics(), owner="loop", concurrency=lanes, lease=lease
    )
    stop = asyncio.Event()
    working = asyncio.create_task(loop.run(stop))
    try:
        yield stop
    finally:
        stop.set()
        wakeup.ring()
        await asyncio.wait_for(working, PATIENCE)


async def eventually(claim: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await claim():  # noqa: ASYNC110 - only the store shows what a loop did
            await asyncio.sleep(0.01)


def due(
    kit: DeskKit, key: str, kind: str = "busy", lane: Lane = Lane.CARDS, **more: object
) -> NewDue:
    values: dict[str, object] = {"arg": {}} | more
    return NewDue(kind, key, lane, kit.clock.now(), **values)  # type: ignore[arg-type]


async def rows_left(kit: DeskKit) -> int:
    return sum((await kit.read(lambda tx: tx.due.depth())).values())


async def test_a_comment_goes_all_the_way_to_a_reply_through_the_loop(kit: DeskKit) -> None:
    async with running(kit, kit.tasks):
        await kit.take(kit.incoming())
        item = await kit.id_of("c1")

        async def is_drafted() -> bool:
            return await kit.read(lambda tx: tx.drafts.latest(item)) is not None

        await eventually(is_drafted)
        assert (await kit.press("bob", await kit.card_of(item), c.Approve)).is_done
        kit.clock.advance(11)
        await kit.add_due(due(kit, "wake-the-loop", "wake", arg={"item": item}))

        async def is_published() -> bool:
            return (await kit.publication(item)).state is PublicationState.PUBLISHED

        await eventually(is_published)
    assert len(kit.network.visible) == 1


async def test_a_full_lane_does_not_keep_another_one_waiting(kit: DeskKit) -> None:
    slow, quick = Busy(kit), Busy(kit)
    quick.go.set()
    slots = {Lane.POLLS: 2, Lane.PUBLISH: 2}
    async with running(kit, {"slow": slow, "quick": quick}, slots):
        await kit.add_due(*(due(kit, f"s{n}", "slow", Lane.POLLS) for n in range(6)))
        for _ in range(2):
            await slow.next()
        await kit.add_due(due(kit, "q", "quick", Lane.PUBLISH))
        assert (await quick.next()).key == "q"
        assert slow.most == 2
        slow.go.set()
        for _ in range(4):
            await slow.next()
        await eventually(lambda: _is_empty(kit))
    assert slow.most == 2


async def _is_empty(kit: DeskKit) -> bool:
    return await rows_left(kit) == 0


async def test_a_stop_hands_back_what_is_not_a_publication(kit: DeskKit) -> None:
    busy = Busy(kit)
    tasks = {"busy": busy, "publish": busy}
    async with running(kit, tasks) as stop:
        await kit.add_due(due(kit, "card"), due(kit, "publish:9", "publish", Lane.PUBLISH))
        for _ in range(2):
            await busy.next()
        stop.set()
    (again,) = await kit.claim(owner="next")
    assert (again.key, again.attempt) == ("card", 1), "the publication keeps its lease"


async def test_a_stop_waits_a_moment_for_what_is_nearly_done(kit: DeskKit) -> None:
    busy = Busy(kit)
    async with running(kit, {"busy": busy}) as stop:
        await kit.add_due(due(kit, "nearly"))
        await busy.next()
        stop.set()
        await asyncio.sleep(0)
        busy.go.set()
    assert await rows_left(kit) == 0


async def test_a_stop_ends_what_stays_open_at_once_and_hands_it_back(kit: DeskKit) -> None:
    ended = asyncio.Event()
    both_run = asyncio.Barrier(3)

    async def open_for_ever(row: DueRow) -> None:
        try:
            await both_run.wait()
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def waits_for_its_end(row: DueRow) -> None:
        await both_run.wait()
        await ended.wait()
        await kit.do(lambda tx: tx.due.done(row))

    tasks = {"open": open_for_ever, "waits": waits_for_its_end}
    async with running(kit, tasks) as stop:
        await kit.add_due(due(kit, "line", "open", Lane.STREAMS), due(kit, "other", "waits"))
        await asyncio.wait_for(both_run.wait(), PATIENCE)
        stop.set()
    (again,) = await kit.claim(*Lane, owner="next")
    assert (again.key, again.attempt) == ("line", 1), "what waited for its end was finished"


async def test_a_row_of_an_unknown_kind_waits_without_losing_a_try(kit: DeskKit) -> None:
    async with running(kit, {}):
        await kit.add_due(due(kit, "from-the-future", "hologram"))
        await eventually(lambda: _is_claimable_in_a_minute(kit))
    kit.clock.advance(60)
    (row,) = await kit.claim()
    assert row.attempt == 1


async def _is_claimable_in_a_minute(kit: DeskKit) -> bool:
    return await kit.next_due() == kit.clock.now() + MINUTE


async def test_what_a_task_raises_is_recorded_and_the_loop_goes_on(kit: DeskKit) -> None:
    async def broken(row: DueRow) -> None:
        raise KeyError("a bug")

    busy = Busy(kit)
    busy.go.set()
    async with running(kit, {"broken": broken, "busy": busy}):
        await kit.add_due(due(kit, "b", "broken", max_attempts=1), due(kit, "c"))
        assert (await busy.next()).key == "c"
        await eventually(lambda: _is_dead(kit))
    (letter,) = await kit.read(lambda tx: tx.due.dead_letters())
    assert "KeyError" in letter.error
    assert "a bug" not in letter.error


async def _is_dead(kit: DeskKit) -> bool:
    return len(await kit.read(lambda tx: tx.due.dead_letters())) == 1


# Policy by class of the error


async def failed(kit: DeskKit, error: Exception, **fields: object) -> DueRow:
    await kit.add_due(due(kit, "one", **fields))  # type: ignore[arg-type]
    (row,) = await kit.claim(*Lane)
    await Failing(kit.store, kit.clock).record(Failed(row, error))
    return row


async def test_a_rate_limit_waits_exactly_and_costs_no_try(kit: DeskKit) -> None:
    until = kit.clock.now() + 77 * SECOND
    await failed(kit, RateLimited("Too fast.", until=until))
    assert await kit.next_due() == until
    kit.clock.advance(77)
    (row,) = await kit.claim()
    assert row.attempt == 1


async def test_a_refused_token_pauses_the_account_and_says_why(kit: DeskKit) -> None:
    await failed(kit, AuthenticationFailed("Renew the token."), arg={"account": kit.account})
    account = await kit.account_now()
    assert (account.state, account.trouble) == (AccountState.PAUSED, "Renew the token.")


async def test_a_row_that_used_up_its_tries_is_a_dead_letter_that_is_told(kit: DeskKit) -> None:
    await kit.add_due(due(kit, "one", max_attempts=3))
    for attempt in (1, 2, 3):
        (row,) = await kit.claim()
        assert row.attempt == attempt
        await Failing(kit.store, kit.clock).record(Failed(row, Unavailable("The network is down.")))
        kit.clock.advance(600)
    assert await kit.claim() == []
    (letter,) = await kit.read(lambda tx: tx.due.dead_letters())
    assert (letter.error, letter.attempt) == ("The network is down.", 3)
    kinds = [e.kind for e in await kit.read(lambda tx: tx.events.after(0, 100))]  # type: ignore[arg-type]
    assert EventKind.WORK_DEAD_LETTERED in kinds
    assert (await kit.order("bob", c.RetryWork(letter.id))).is_done
    (row,) = await kit.claim()
    assert row.attempt == 1


async def test_a_recurring_row_never_dies_and_its_account_says_so(kit: DeskKit) -> None:
    arg = {"account": kit.account}
    await kit.add_due(due(kit, "one", every=MINUTE, max_attempts=2, arg=arg))
    for attempt in range(1, 12):
        (row,) = await kit.claim()
        await Failing(kit.store, kit.clock).record(Failed(row, Unavailable("The network is down.")))
        trouble = (await kit.account_now()).trouble
        assert trouble == ("The network is down." if attempt >= 3 else "")
        kit.clock.advance(600)
    assert await kit.read(lambda tx: tx.due.dead_letters()) == []


async def test_trouble_is_over_when_a_fetch_succeeds(kit: DeskKit) -> None:
    await kit.do(lambda tx: tx.accounts.set_trouble(kit.account, "The network is down."))
    kit.network.pages.append(Batch((), Cursor("1")))
    arg = {"account": kit.account, "leg": "comments"}
    await kit.add_due(due(kit, "poll:1", "poll", Lane.POLLS, arg=arg, every=30_000))
    await kit.work(Lane.POLLS)
    assert (await kit.account_now()).trouble == ""


# Small tasks


async def test_a_snoozed_item_comes_back_by_itself(kit: DeskKit) -> None:
    item = await kit.comment()
    until = kit.clock.now() + 3600 * SECOND
    await kit.press("olga", await kit.card_of(item), c.Snooze, until)
    assert "Snoozed until" in str((await kit.card_of(item)).state.spans)
    await kit.pass_time(3601)
    assert "Snoozed" not in str((await kit.card_of(item)).state.spans)
    assert (await kit.item(item)).snoozed_until is None


async def test_moderation_is_tried_again_and_what_is_refused_is_told(kit: DeskKit) -> None:
    item = await kit.comment()
    kit.network.next("moderate", Step(Unavailable("The network is down.")))
    await kit.press("bob", await kit.card_of(item), c.Moderate, c.ModerationAction.HIDE)
    await kit.pass_time(600)
    assert kit.network.calls[-2:] == [("moderate", "hide:c1")] * 2
    assert (await kit.item(item)).is_hidden


async def test_our_reply_can_be_deleted_and_answered_anew(kit: DeskKit) -> None:
    item = await kit.comment()
    await kit.press("bob", await kit.card_of(item), c.Approve)
    await kit.pass_time(20)
    act = c.ModerationAction.DELETE_OWN
    assert (await kit.press("bob", await kit.card_of(item), c.Moderate, act)).is_done
    await kit.work()
    assert kit.network.visible == []
    card = await kit.card_of(item)
    assert "Published" not in str(card.state.spans)
    assert (await kit.press("bob", card, c.Approve)).is_done
    await kit.pass_time(20)
    assert len(kit.network.visible) == 1


async def test_spam_calls_off_a_reply_that_waits(kit: DeskKit) -> None:
    item = await kit.comment()
    await kit.press("bob", await kit.card_of(item), c.Moderate, c.ModerationAction.SPAM)
    await kit.press("eve", await kit.card_of(item), c.Approve)
    await kit.pass_time(60)
    assert kit.network.visible == []
    assert RemoteId("c1") == (await kit.item(item)).remote_id


async def test_without_a_draft_a_person_writes_one(kit: DeskKit) -> None:
    kit.drafter.silent = True
    item = await kit.comment()
    card = await kit.card_of(item)
    assert card.draft is not None
    assert card.draft.text == ""
    assert (await kit.press("bob", card, c.Approve)).kind is c.OutcomeKind.REFUSED
    assert (await kit.press("bob", card, c.ApproveEdited, "By hand.")).is_done


async def test_a_draft_for_words_that_changed_meanwhile_is_dropped(kit: DeskKit) -> None:
    await kit.take(kit.incoming())
    await kit.run((await kit.claim(Lane.TRIAGE))[0])
    (row,) = await kit.claim(Lane.DRAFTS)
    await kit.take(kit.incoming("It arrived, thanks!", remote_id="c1"))
    await kit.run(row)
    item = await kit.id_of("c1")
    assert await kit.read(lambda tx: tx.drafts.versions(item)) == []


async def test_a_lease_lasts_as_long_as_it_was_set(kit: DeskKit) -> None:
    busy = Busy(kit)
    async with running(kit, {"busy": busy}, lease=7 * SECOND):
        await kit.add_due(due(kit, "b"))
        await busy.next()
        assert await kit.claim(owner="other") == []
        kit.clock.advance(6)
        assert await kit.claim(owner="other") == []
        kit.clock.advance(2)
        assert [row.key for row in await kit.claim(owner="other")] == ["b"]


async def test_what_is_due_at_once_begins_without_being_claimed(kit: DeskKit) -> None:
    busy = Busy(kit)
    busy.go.set()
    async with running(kit, {"busy": busy}, {Lane.CARDS: 2}):
        await kit.add_due(due(kit, "first"))
        await busy.next()
        claims = counted_claims(kit)
        for number in range(5):
            await kit.add_due(due(kit, f"next-{number}"))
            assert (await busy.next()).claim == 1
        assert claims == []


async def test_what_goes_on_at_once_is_not_looked_for_and_is_handed_back_at_a_stop(
    kit: DeskKit,
) -> None:
    turns: list[DueRow] = []
    last = asyncio.Event()

    async def go_on(row: DueRow) -> None:
        turns.append(row)
        if len(turns) == 4:
            last.set()
            await asyncio.Event().wait()
        assert await kit.do(lambda tx: tx.due.at_once(row))

    async with running(kit, {"busy": go_on}, {Lane.POLLS: 2}) as stop:
        await kit.add_due(due(kit, "a", lane=Lane.POLLS))
        await asyncio.wait_for(last.wait(), PATIENCE)
        await asyncio.sleep(0)  # the turn before has ended
        stop.set()
    first, *others = [(row.claim, row.attempt) for row in turns]
    assert others == [(first[0] + turn, first[1]) for turn in (1, 2, 3)]
    (left,) = await kit.claim(Lane.POLLS)
    assert (left.key, left.claim, left.attempt) == ("a", first[0] + 4, first[1])


async def test_what_did_not_find_a_place_is_claimed_when_there_is_one(kit: DeskKit) -> None:
    busy = Busy(kit)
    async with running(kit, {"busy": busy}, {Lane.CARDS: 2}):
        await kit.add_due(*(due(kit, f"row-{number}") for number in range(9)))
        busy.go.set()
        seen = {(await busy.next()).key for _ in range(9)}
    assert seen == {f"row-{number}" for number in range(9)}
    assert busy.most <= 2
    assert await rows_left(kit) == 0


async def test_a_row_that_is_taken_up_while_the_loop_ends_is_handed_back(kit: DeskKit) -> None:
    ends = asyncio.Event()

    async def add_another(row: DueRow) -> None:
        ends.set()
        await asyncio.sleep(0.05)
        await kit.add_due(due(kit, "another"))
        await kit.do(lambda tx: tx.due.done(row))

    async with running(kit, {"busy": add_another}, {Lane.CARDS: 2}) as stop:
        await kit.add_due(due(kit, "first"))
        await asyncio.wait_for(ends.wait(), PATIENCE)
        stop.set()
    (left,) = await kit.claim(Lane.CARDS)
    assert left.key == "another"


def counted_claims(kit: DeskKit) -> list[str]:
    """Statements that take rows which were written before."""
    seen: list[str] = []

    def look(*call: Any) -> None:
        if call[2].startswith("UPDATE due SET") and "RETURNING" in call[2]:
            seen.append(call[2])

    event.listen(Engine, "before_cursor_execute", look)
    return seen
