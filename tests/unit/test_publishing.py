"""One approval makes at most one visible reply, whatever the network does; on both databases."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from bot.cards.card import plain
from bot.errors import (
    AuthenticationFailed,
    CannotTell,
    OutcomeUnknown,
    PermissionMissing,
    RateLimited,
    Rejected,
    TargetGone,
    Unavailable,
    UnexpectedResponse,
)
from bot.faults import FaultPoint, arm, disarm
from bot.model import commands as c
from bot.model.account import AccountState
from bot.model.approval import DEFAULT_POLICIES, ApprovalPolicy, ApprovalSubject
from bot.model.commands import HoldKind, Outcome, OutcomeKind
from bot.model.due import DueRow, Lane, NewDue
from bot.model.ids import DAY, MINUTE, SECOND, ItemId, PublicationId, RemoteId
from bot.model.item import ItemState
from bot.model.network import IncomingItem, ReadBack, Removal
from bot.model.publication import PublicationState
from bot.services.deciding import DeskRules
from bot.services.looking import Looked, Sight, looked
from bot.services.publishing import (
    Begin,
    Ending,
    Settle,
    Start,
    Suspect,
    begin,
    settle,
    suspect,
)
from bot.store.tx import Tx
from bot.workers.publish import PublishTask, Timing
from tests.contract.store_case import DATABASES
from tests.fakes.desk_kit import DeskKit, desk_address, labels, opened_desk
from tests.fakes.network import Step, Visible
from tests.patience import PATIENCE

_P = PublicationState
UNDO = 10.0
OVER = 21.0
"""Seconds after which an attempt's request can no longer arrive."""
SETTLED = 26.0
"""Seconds after which an attempt's request can no longer arrive and the list has settled."""


both = pytest.mark.parametrize("kit", DATABASES, indirect=True)


@pytest.fixture
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    database = getattr(request, "param", "sqlite")
    async with opened_desk(desk_address(request, tmp_path, database)) as kit:
        yield kit


async def approved(kit: DeskKit, member: str = "bob") -> ItemId:
    """A comment whose draft was approved; it waits out the undo window."""
    item = await kit.comment()
    outcome = await kit.press(member, await kit.card_of(item), c.Approve)
    assert outcome.is_done, outcome.says
    return item


async def sending(kit: DeskKit) -> tuple[ItemId, DueRow]:
    """A publication whose process dies right after it committed `sending`."""
    item = await approved(kit)
    kit.clock.advance(UNDO)
    (row,) = await kit.claim(Lane.PUBLISH, owner="dead")
    publication = await kit.publication(item)
    command = Begin(row, publication.id, 30 * SECOND, 20 * SECOND, publication.prepared.key)
    assert await kit.store.write(begin, command) is Start.GO
    return item, row


async def state_of(kit: DeskKit, item: ItemId) -> PublicationState:
    return (await kit.publication(item)).state


async def settles_as(kit: DeskKit, item: ItemId, state: PublicationState, visible: int) -> None:
    assert await state_of(kit, item) is state
    assert len(kit.network.visible) == visible


async def test_a_sender_that_wakes_up_after_absence_may_be_proved_sends_nothing(
    kit: DeskKit,
) -> None:
    """A process that is paused in the worst moment, where answers are given little time."""
    item = await approved(kit)
    kit.clock.advance(UNDO)
    (row,) = await kit.claim(Lane.PUBLISH)
    quick = Timing(answer_within=1.0)
    arm(FaultPoint.PUBLISH_CLAIMED, lambda: kit.clock.advance(1.0))
    try:
        await PublishTask(kit.store, kit.clock, kit.lines, kit.limiter, quick)(row)
    finally:
        disarm()
    await settles_as(kit, item, _P.QUEUED, 0)


# How a request ends


@both
async def test_an_approved_reply_stands_once_after_the_undo_window(kit: DeskKit) -> None:
    item = await approved(kit)
    await kit.pass_time(UNDO - 1)
    assert kit.network.visible == []
    await kit.pass_time(2)
    await settles_as(kit, item, _P.PUBLISHED, 1)
    card = await kit.card_of(item)
    assert card.links[0].url == "https://fakebook.example/ours-1"
    assert (await kit.item(item)).state is ItemState.ANSWERED
    await kit.pass_time(2 * DAY / SECOND)
    assert kit.network.count("publish") == 1


async def test_a_refusal_is_shown_with_the_network_s_reason_and_can_be_retried(
    kit: DeskKit,
) -> None:
    kit.network.next("publish", Step(Rejected("Links are not allowed here.")))
    item = await approved(kit)
    await kit.pass_time(UNDO)
    await settles_as(kit, item, _P.FAILED, 0)
    assert (await kit.item(item)).state is ItemState.OPEN
    card = await kit.card_of(item)
    assert "Links are not allowed here." in str(card.state.spans)
    await kit.pass_time(DAY / SECOND)
    assert kit.network.visible == []
    assert (await kit.press("bob", card, c.RetryPublication)).is_done
    await kit.work()
    await settles_as(kit, item, _P.PUBLISHED, 1)


async def test_a_missing_permission_fails_with_its_sentence(kit: DeskKit) -> None:
    kit.network.next("publish", Step(PermissionMissing("The scope write is missing.", scope="w")))
    item = await approved(kit)
    await kit.pass_time(UNDO)
    await settles_as(kit, item, _P.FAILED, 0)
    assert "The scope write is missing." in str((await kit.card_of(item)).state.spans)


async def test_a_target_that_is_gone_closes_the_item(kit: DeskKit) -> None:
    kit.network.next("publish", Step(TargetGone("The comment was deleted.")))
    item = await approved(kit)
    await kit.pass_time(UNDO)
    await settles_as(kit, item, _P.FAILED, 0)
    assert (await kit.item(item)).state is ItemState.GONE


@both
async def test_what_was_not_sent_is_sent_again_after_a_back_off(kit: DeskKit) -> None:
    kit.network.next("publish", *[Step(Unavailable("The network is down."))] * 3)
    item = await approved(kit)
    await kit.pass_time(UNDO)
    await settles_as(kit, item, _P.QUEUED, 0)
    assert kit.network.count("publish") == 1, "a back-off waits"
    assert "The network is down." in str((await kit.card_of(item)).state.spans)
    await kit.pass_time(60)
    await settles_as(kit, item, _P.PUBLISHED, 1)
    assert kit.network.count("find") == 0


async def test_a_rate_limit_waits_exactly_until_the_network_s_moment(kit: DeskKit) -> None:
    item = await approved(kit)
    until = kit.clock.now() + 90 * SECOND
    kit.network.next("publish", Step(RateLimited("Too fast.", until=until)))
    await kit.pass_time(89.0)
    assert kit.network.count("publish") == 1
    await settles_as(kit, item, _P.QUEUED, 0)
    await kit.pass_time(1.1)
    await settles_as(kit, item, _P.PUBLISHED, 1)


@pytest.mark.parametrize(
    "error",
    [
        OutcomeUnknown("The connection broke."),
        UnexpectedResponse("200 with an HTML page.", payload="<html>"),
        TimeoutError(),
        KeyError("a fault of the connector"),
    ],
)
async def test_a_lost_answer_of_what_arrived_is_found_and_never_repeated(
    kit: DeskKit, error: Exception
) -> None:
    kit.network.next("publish", Step(error, acts=True))
    item = await approved(kit)
    await kit.pass_time(UNDO + 60)
    await settles_as(kit, item, _P.PUBLISHED, 1)
    assert kit.network.count("publish") == 1


async def test_a_lost_answer_is_shown_as_not_sure(kit: DeskKit) -> None:
    kit.network.next("publish", Step(OutcomeUnknown("The connection broke.")))
    item = await approved(kit)
    await kit.pass_time(UNDO)
    assert await state_of(kit, item) is _P.UNKNOWN
    card = await kit.card_of(item)
    assert "Not sure it went out - we are looking" in str(card.state.spans)
    assert labels(card) == ["Look again"]


@both
async def test_absence_is_proved_only_after_the_deadline_and_the_settle_time(kit: DeskKit) -> None:
    kit.network.next("publish", Step(OutcomeUnknown("The connection broke.")))
    item = await approved(kit)
    kit.clock.advance(UNDO)
    await kit.work()
    assert await state_of(kit, item) is _P.UNKNOWN
    await kit.pass_time(SETTLED - 2)
    assert kit.network.count("find") > 1, "it is looked for meanwhile"
    await settles_as(kit, item, _P.UNKNOWN, 0)
    assert kit.network.count("publish") == 1
    await kit.pass_time(10)
    await settles_as(kit, item, _P.PUBLISHED, 1)
    assert kit.network.count("publish") == 2


async def test_a_request_that_arrives_late_is_found_by_a_look_before_the_proof(
    kit: DeskKit,
) -> None:
    kit.network.next("publish", Step(OutcomeUnknown("The connection broke.")))
    item = await approved(kit)
    await kit.pass_time(UNDO + 15)
    assert await state_of(kit, item) is _P.UNKNOWN
    kit.network.show((await kit.publication(item)).prepared)
    await kit.pass_time(60)
    await settles_as(kit, item, _P.PUBLISHED, 1)
    assert kit.network.count("publish") == 1


async def test_a_clock_that_jumps_ahead_proves_no_absence(kit: DeskKit) -> None:
    kit.network.next("publish", Step(OutcomeUnknown("The connection broke.")))
    item = await approved(kit)
    kit.clock.advance(UNDO)
    (row,) = await kit.claim(Lane.PUBLISH)
    await kit.run(row)
    kit.clock.jump(3600)
    await kit.work()
    await settles_as(kit, item, _P.UNKNOWN, 0)
    kit.network.show((await kit.publication(item)).prepared)
    await kit.pass_time(60)
    await settles_as(kit, item, _P.PUBLISHED, 1)


async def test_a_desk_that_slept_between_its_commit_and_its_request_sends_nothing(
    kit: DeskKit,
) -> None:
    """Another process may have proved the absence meanwhile, and sent it."""
    item = await approved(kit)
    kit.clock.advance(UNDO)
    (row,) = await kit.claim(Lane.PUBLISH)
    slept = iter([True])

    def sleep() -> None:
        if next(slept, False):
            kit.clock.advance(40)

    kit.network.next("publish", Step(acts=True, before=sleep))
    await kit.run(row)
    await settles_as(kit, item, _P.QUEUED, 0)


async def test_the_time_for_beginning_a_request_counts_from_before_the_commit(
    kit: DeskKit,
) -> None:
    item = await approved(kit)
    kit.clock.advance(UNDO)
    (row,) = await kit.claim(Lane.PUBLISH)
    commits = iter([True])

    def pause() -> None:
        # what a suspended machine does right after `sending` was committed
        if next(commits, False):
            kit.clock.advance(40)

    kit.store.on_commit(pause)
    await kit.run(row)
    await settles_as(kit, item, _P.QUEUED, 0)


# What cannot be known


async def test_where_nothing_can_be_read_back_a_person_is_asked(kit: DeskKit) -> None:
    kit.network.can(read_back=ReadBack.NONE)
    kit.network.next("publish", Step(OutcomeUnknown("The connection broke."), acts=True))
    item = await approved(kit)
    await kit.pass_time(UNDO + 60)
    await settles_as(kit, item, _P.NEEDS_HUMAN, 1)
    card = await kit.card_of(item)
    assert labels(card) == [
        "It is there", "Look again", "It is not there: send again", "Give up",
    ]  # fmt: skip
    await kit.pass_time(DAY / SECOND)
    assert kit.network.count("publish") == 1


@pytest.mark.parametrize("read_back", [ReadBack.NONE, ReadBack.SETTLES])
async def test_no_person_is_asked_while_the_request_may_still_arrive(
    kit: DeskKit, read_back: ReadBack
) -> None:
    """Whoever looks now sees nothing, sends it again, and then it stands there twice."""
    kit.network.can(read_back=read_back)
    kit.network.next("publish", Step(OutcomeUnknown("The connection broke.")))
    kit.network.next("find", *[Step(CannotTell("Something was deleted there."))] * 20)
    item = await approved(kit)
    kit.clock.advance(UNDO)
    await kit.work()
    kit.clock.jump(3 * DAY / SECOND)
    for _ in range(18):
        kit.clock.advance(1)
        await kit.work()
    await settles_as(kit, item, _P.UNKNOWN, 0)
    kit.network.show((await kit.publication(item)).prepared)
    await kit.pass_time(10)
    await settles_as(kit, item, _P.NEEDS_HUMAN, 1)


async def test_a_look_that_can_never_tell_asks_a_person_and_says_why(kit: DeskKit) -> None:
    kit.network.next("publish", Step(OutcomeUnknown("The connection broke.")))
    kit.network.next("find", *[Step(CannotTell("Something was deleted there."))] * 2)
    item = await approved(kit)
    await kit.pass_time(UNDO + OVER)
    await settles_as(kit, item, _P.NEEDS_HUMAN, 0)
    assert "Something was deleted there." in str((await kit.card_of(item)).state.spans)


async def test_a_look_that_cannot_tell_yet_is_repeated_when_it_said(kit: DeskKit) -> None:
    item = await approved(kit)
    kit.network.next("publish", Step(OutcomeUnknown("The connection broke."), acts=True))
    again = kit.clock.now() + 300 * SECOND
    kit.network.next("find", Step(CannotTell("The list is late.", look_again_at=again)))
    await kit.pass_time(299)
    assert kit.network.count("find") == 1
    await settles_as(kit, item, _P.UNKNOWN, 1)
    await kit.pass_time(2)
    await settles_as(kit, item, _P.PUBLISHED, 1)


async def needs_human(kit: DeskKit, *, visible: bool) -> ItemId:
    kit.network.next("publish", Step(OutcomeUnknown("The connection broke."), acts=visible))
    kit.network.next("find", *[Step(CannotTell("Nothing can be read here."))] * 2)
    item = await approved(kit)
    await kit.pass_time(UNDO + OVER)
    assert await state_of(kit, item) is _P.NEEDS_HUMAN
    return item


async def test_a_person_who_saw_it_closes_the_doubt(kit: DeskKit) -> None:
    item = await needs_human(kit, visible=True)
    link = "https://fakebook.example/ours-1"
    outcome = await kit.press("alice", await kit.card_of(item), c.ConfirmPublished, link)
    assert outcome.is_done
    await kit.pass_time(DAY / SECOND)
    await settles_as(kit, item, _P.PUBLISHED, 1)
    assert (await kit.card_of(item)).links[0].url == link


@both
async def test_a_person_who_saw_nothing_sends_it_once_more(kit: DeskKit) -> None:
    item = await needs_human(kit, visible=False)
    outcome = await kit.press("alice", await kit.card_of(item), c.RetryPublication)
    assert outcome.is_done
    await kit.pass_time(60)
    await settles_as(kit, item, _P.PUBLISHED, 1)
    # the desk itself never saw that it was absent
    assert plain((await kit.card_of(item)).state.spans) == "Published"


async def test_a_doubt_that_is_given_up_is_never_sent(kit: DeskKit) -> None:
    item = await needs_human(kit, visible=False)
    assert (await kit.press("alice", await kit.card_of(item), c.AbandonPublication)).is_done
    await kit.pass_time(DAY / SECOND)
    await settles_as(kit, item, _P.CANCELLED, 0)
    assert (await kit.item(item)).state is ItemState.OPEN


async def test_an_approver_cannot_settle_a_doubt(kit: DeskKit) -> None:
    item = await needs_human(kit, visible=False)
    card = await kit.card_of(item)
    for command in (c.RetryPublication, c.AbandonPublication, c.ConfirmPublished):
        outcome = await kit.press("bob", card, command)
        assert outcome.kind is OutcomeKind.REFUSED
        assert "Alice" in outcome.says
    await settles_as(kit, item, _P.NEEDS_HUMAN, 0)


async def test_looking_again_finds_what_appeared_meanwhile(kit: DeskKit) -> None:
    item = await needs_human(kit, visible=False)
    kit.network.show((await kit.publication(item)).prepared)
    assert (await kit.press("olga", await kit.card_of(item), c.LookAgain)).is_done
    await kit.work()
    await settles_as(kit, item, _P.PUBLISHED, 1)


async def test_looking_again_without_an_answer_does_not_say_that_nothing_is_there(
    kit: DeskKit,
) -> None:
    item = await needs_human(kit, visible=True)
    kit.network.next("find", Step(Unavailable("The network is down.")))
    await kit.press("olga", await kit.card_of(item), c.LookAgain)
    await kit.work()
    assert await state_of(kit, item) is _P.NEEDS_HUMAN
    says = str((await kit.card_of(item)).state.spans)
    assert "The network is down." in says
    assert "did not see it" not in says


async def test_what_cannot_be_found_for_a_day_asks_a_person(kit: DeskKit) -> None:
    kit.network.next("publish", Step(OutcomeUnknown("The connection broke."), acts=True))
    kit.network.next("find", *[Step(Unavailable("The network is down."))] * 2_000)
    item = await approved(kit)
    await kit.pass_time(UNDO + 60)
    assert await state_of(kit, item) is _P.UNKNOWN
    kit.clock.advance(DAY / SECOND)
    await kit.work()
    await settles_as(kit, item, _P.NEEDS_HUMAN, 1)


async def test_what_cannot_be_sent_for_a_day_fails(kit: DeskKit) -> None:
    kit.network.next("publish", *[Step(Unavailable("The network is down."))] * 2_000)
    item = await approved(kit)
    await kit.pass_time(UNDO + 60)
    assert await state_of(kit, item) is _P.QUEUED
    kit.clock.advance(DAY / SECOND)
    await kit.work()
    await settles_as(kit, item, _P.FAILED, 0)


# Processes that die, stop, or lose their lease


@both
async def test_a_process_that_died_while_sending_leaves_a_doubt_that_is_looked_up(
    kit: DeskKit,
) -> None:
    item, _row = await sending(kit)
    await kit.pass_time(31)
    assert await state_of(kit, item) is not _P.SENDING
    await kit.pass_time(60)
    await settles_as(kit, item, _P.PUBLISHED, 1)
    assert kit.network.count("find") > 0, "it was looked for before it was sent again"
    attempts = await kit.read(lambda tx: tx.publications.attempts(_id(tx, item)))
    assert attempts[0].outcome == "lost"


def _id(tx: Tx, item: ItemId) -> PublicationId:
    found = tx.publications.latest_of_item(item)
    assert found is not None
    return found.id


async def test_a_process_that_died_after_its_request_is_not_repeated(kit: DeskKit) -> None:
    item, _row = await sending(kit)
    kit.network.show((await kit.publication(item)).prepared)
    await kit.pass_time(120)
    await settles_as(kit, item, _P.PUBLISHED, 1)
    assert kit.network.count("publish") == 0


async def test_a_restart_never_sends_what_stood_in_sending_before_the_proof(kit: DeskKit) -> None:
    item, _row = await sending(kit)
    await kit.do(lambda tx: tx.due.release())
    await kit.work()
    await settles_as(kit, item, _P.UNKNOWN, 0)
    await kit.pass_time(SETTLED - 3)
    assert kit.network.count("publish") == 0


@both
async def test_a_receipt_that_comes_after_the_lease_was_lost_still_counts(kit: DeskKit) -> None:
    item, row = await sending(kit)
    kit.clock.advance(31)
    (again,) = await kit.claim(Lane.PUBLISH, owner="heir")
    await kit.tasks["publish"](again)
    assert await state_of(kit, item) is _P.UNKNOWN
    publication = await kit.publication(item)
    receipt = kit.network.show(publication.prepared)
    await kit.store.write(settle, Settle(row, publication.id, Ending.PUBLISHED, receipt=receipt))
    await kit.pass_time(120)
    await settles_as(kit, item, _P.PUBLISHED, 1)
    assert kit.network.count("publish") == 0


async def test_a_receipt_that_comes_after_a_look_is_not_taken_for_a_second_sending(
    kit: DeskKit,
) -> None:
    item, row = await sending(kit)
    kit.clock.advance(31)
    await kit.store.write(suspect, Suspect(row, (await kit.publication(item)).id))
    publication = await kit.publication(item)
    await kit.do(lambda tx: tx.publications.note(publication.id, looks=1))
    receipt = kit.network.show(publication.prepared)
    await kit.store.write(settle, Settle(row, publication.id, Ending.PUBLISHED, receipt=receipt))
    await settles_as(kit, item, _P.PUBLISHED, 1)
    assert plain((await kit.card_of(item)).state.spans) == "Published"


async def test_a_receipt_that_comes_twice_changes_nothing(kit: DeskKit) -> None:
    item, row = await sending(kit)
    publication = await kit.publication(item)
    receipt = kit.network.show(publication.prepared)
    await kit.take(kit.incoming(publication.text, by_us=True, remote_id=receipt.remote_id,
                                parent_remote_id=RemoteId("c1")))  # fmt: skip
    await kit.store.write(settle, Settle(row, publication.id, Ending.PUBLISHED, receipt=receipt))
    await settles_as(kit, item, _P.PUBLISHED, 1)


@both
async def test_a_late_end_of_a_lost_lease_does_not_undo_its_successor(kit: DeskKit) -> None:
    """The first sender wakes up while the second one's request is on its way."""
    kit.network.can(settle_seconds=60.0)
    item, row = await sending(kit)
    await kit.pass_time(31)
    assert await state_of(kit, item) is _P.UNKNOWN
    kit.clock.advance(60)
    publication = await kit.publication(item)
    gate, shown = asyncio.Event(), asyncio.Event()
    kit.network.next("publish", Step(acts=True, gate=gate, reached=shown))
    working = asyncio.create_task(kit.work())
    await asyncio.wait_for(shown.wait(), PATIENCE)
    assert await state_of(kit, item) is _P.SENDING
    late = Settle(row, publication.id, Ending.NOT_SENT, "The network was down.", wait=0)
    await kit.store.write(settle, late)
    assert await state_of(kit, item) is _P.SENDING
    gate.set()
    await working
    await settles_as(kit, item, _P.PUBLISHED, 1)


@both
async def test_a_stale_look_does_not_prove_a_later_attempt_absent(kit: DeskKit) -> None:
    """A look that began before the second attempt must not queue it a third time."""
    kit.network.next("publish", *[Step(OutcomeUnknown("The connection broke."))] * 2)
    item = await approved(kit)
    await kit.pass_time(UNDO)
    kit.clock.advance(SETTLED + 10)
    gate, reached = asyncio.Event(), asyncio.Event()
    kit.network.next("find", Step(gate=gate, reached=reached, answer="absent"))
    (row,) = await kit.claim(Lane.PUBLISH, owner="slow")
    looking = asyncio.create_task(kit.run(row))
    await asyncio.wait_for(reached.wait(), PATIENCE)
    kit.clock.advance(31)
    (again,) = await kit.claim(Lane.PUBLISH, owner="heir")
    await kit.run(again)
    kit.clock.advance(1)
    (again,) = await kit.claim(Lane.PUBLISH, owner="heir")
    await kit.run(again)
    assert kit.network.count("publish") == 2
    assert await state_of(kit, item) is _P.UNKNOWN
    gate.set()
    await looking
    assert await state_of(kit, item) is _P.UNKNOWN


async def test_a_sender_that_lost_its_lease_before_its_request_sends_nothing(
    kit: DeskKit,
) -> None:
    item = await approved(kit)
    kit.clock.advance(UNDO)
    (slow,) = await kit.claim(Lane.PUBLISH, owner="slow")
    kit.clock.advance(31)
    (heir,) = await kit.claim(Lane.PUBLISH, owner="heir")
    await kit.run(slow)
    assert kit.network.count("publish") == 0
    await kit.run(heir)
    await settles_as(kit, item, _P.PUBLISHED, 1)


async def test_a_task_that_is_stopped_in_its_request_leaves_a_doubt(kit: DeskKit) -> None:
    item = await approved(kit)
    kit.clock.advance(UNDO)
    shown = asyncio.Event()
    kit.network.next("publish", Step(acts=True, gate=asyncio.Event(), reached=shown))
    (row,) = await kit.claim(Lane.PUBLISH)
    task = asyncio.create_task(kit.run(row))
    await asyncio.wait_for(shown.wait(), PATIENCE)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await state_of(kit, item) is _P.SENDING
    await kit.pass_time(120)
    await settles_as(kit, item, _P.PUBLISHED, 1)
    assert kit.network.count("publish") == 1


# Stopping and the undo window


@both
async def test_what_is_stopped_within_the_undo_window_never_leaves(kit: DeskKit) -> None:
    item = await approved(kit)
    await kit.pass_time(UNDO - 1)
    outcome = await kit.press("bob", await kit.card_of(item), c.Stop)
    assert outcome.says == "Stopped. Nothing was sent."
    await kit.pass_time(DAY / SECOND)
    await settles_as(kit, item, _P.CANCELLED, 0)
    assert (await kit.item(item)).state is ItemState.OPEN


async def test_what_left_cannot_be_stopped(kit: DeskKit) -> None:
    item = await approved(kit)
    card = await kit.card_of(item)
    await kit.pass_time(UNDO)
    outcome = await kit.press("bob", card, c.Stop)
    assert outcome.kind is OutcomeKind.STALE
    await settles_as(kit, item, _P.PUBLISHED, 1)


@both
async def test_a_stopped_reply_can_be_approved_again_with_a_new_yes(kit: DeskKit) -> None:
    item = await approved(kit)
    await kit.press("bob", await kit.card_of(item), c.Stop)
    await kit.pass_time(60)
    assert kit.network.visible == []
    assert (await kit.press("bob", await kit.card_of(item), c.Approve)).is_done
    await kit.pass_time(UNDO)
    await settles_as(kit, item, _P.PUBLISHED, 1)


async def test_a_stop_takes_the_other_yeses_with_it(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    async with opened_desk(desk_address(request, tmp_path), rules=two_yeses()) as kit:
        item = await kit.comment()
        for member in ("bob", "eve"):
            await kit.press(member, await kit.card_of(item), c.Approve)
        await kit.press("eve", await kit.card_of(item), c.Stop)
        outcome = await kit.press("bob", await kit.card_of(item), c.Approve)
        assert outcome.says == "Counted: 1 of 2 approvals."


def two_yeses() -> DeskRules:
    return DeskRules(policies={**DEFAULT_POLICIES, ApprovalSubject.REPLY: ApprovalPolicy(2)})


async def test_without_an_undo_window_it_leaves_at_once(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    async with opened_desk(desk_address(request, tmp_path), rules=no_undo()) as kit:
        item = await approved(kit)
        await kit.work()
        await settles_as(kit, item, _P.PUBLISHED, 1)


def no_undo() -> DeskRules:
    return DeskRules(undo_window=0)


# Holds, pauses, watch-only


async def pause(kit: DeskKit, account: str | None = None) -> Outcome:
    return await kit.order("alice", c.Pause((HoldKind.REPLIES,), account, "a recall"))


@pytest.mark.parametrize("account", [None, "acme"])
async def test_after_a_pause_nothing_leaves_until_it_is_lifted(
    kit: DeskKit, account: str | None
) -> None:
    item = await approved(kit)
    assert "Nothing was on its way." in (await pause(kit, account)).says
    await kit.pass_time(200)
    await settles_as(kit, item, _P.QUEUED, 0)
    assert "paused" in str((await kit.card_of(item)).state.spans)
    assert (await kit.order("alice", c.Unpause((HoldKind.REPLIES,), account))).is_done
    await kit.work()
    await settles_as(kit, item, _P.PUBLISHED, 1)


async def test_a_pause_of_posts_or_of_another_account_holds_no_reply(kit: DeskKit) -> None:
    item = await approved(kit)
    await kit.order("alice", c.Pause((HoldKind.POSTS,)))
    await pause(kit, "acme-two")
    await kit.pass_time(UNDO)
    await settles_as(kit, item, _P.PUBLISHED, 1)


async def test_a_pause_says_what_was_already_on_its_way(kit: DeskKit) -> None:
    item, _row = await sending(kit)
    assert "1 was already on its way" in (await pause(kit)).says
    assert await state_of(kit, item) is _P.SENDING


@both
async def test_lifting_a_pause_does_not_shorten_the_undo_window(kit: DeskKit) -> None:
    await pause(kit)
    item = await approved(kit)
    await kit.order("alice", c.Unpause((HoldKind.REPLIES,)))
    await kit.work()
    await settles_as(kit, item, _P.QUEUED, 0)
    await kit.pass_time(UNDO - 1)
    assert kit.network.visible == []
    await kit.pass_time(2)
    await settles_as(kit, item, _P.PUBLISHED, 1)


async def test_what_is_held_can_be_stopped(kit: DeskKit) -> None:
    await pause(kit)
    item = await approved(kit)
    await kit.pass_time(200)
    assert (await kit.press("bob", await kit.card_of(item), c.Stop)).is_done
    await kit.order("alice", c.Unpause((HoldKind.REPLIES,)))
    await kit.work()
    await settles_as(kit, item, _P.CANCELLED, 0)


async def test_what_was_in_doubt_when_paused_is_not_sent_again_before_the_pause_ends(
    kit: DeskKit,
) -> None:
    item, _row = await sending(kit)
    await pause(kit)
    await kit.pass_time(150)
    await settles_as(kit, item, _P.QUEUED, 0)
    await kit.order("alice", c.Unpause((HoldKind.REPLIES,)))
    await kit.work()
    await settles_as(kit, item, _P.PUBLISHED, 1)


async def test_a_refused_token_pauses_the_account_until_it_works_again(kit: DeskKit) -> None:
    item = await approved(kit)
    kit.network.next("publish", Step(AuthenticationFailed("The token was revoked. Renew it.")))
    await kit.pass_time(UNDO)
    account = await kit.account_now()
    assert (account.state, account.trouble) == (
        AccountState.PAUSED, "The token was revoked. Renew it.",
    )  # fmt: skip
    await kit.pass_time(200)
    await settles_as(kit, item, _P.QUEUED, 0)
    assert kit.network.count("publish") == 1
    await kit.add_due(verify_due(kit))
    await kit.work(Lane.POLLS)
    assert (await kit.account_now()).state is AccountState.LIVE
    await kit.work()
    await settles_as(kit, item, _P.PUBLISHED, 1)


def verify_due(kit: DeskKit) -> NewDue:
    now = kit.clock.now()
    return NewDue("verify", "verify:1", Lane.POLLS, now, {"account": kit.account}, MINUTE)


async def test_a_watch_only_account_lets_nothing_be_approved(kit: DeskKit) -> None:
    item = await kit.comment()
    await kit.order("ada", c.WatchOnly("acme"))
    outcome = await kit.press("bob", await kit.card_of(item), c.Approve)
    assert outcome.kind is OutcomeKind.REFUSED
    assert "watch-only" in outcome.says
    assert await kit.read(lambda tx: tx.publications.latest_of_item(item)) is None


async def test_an_account_made_watch_only_holds_what_was_approved(kit: DeskKit) -> None:
    item = await approved(kit)
    await kit.order("ada", c.WatchOnly("acme"))
    await kit.pass_time(150)
    await settles_as(kit, item, _P.QUEUED, 0)
    await kit.order("ada", c.GoLive("acme"))
    await kit.work()
    await settles_as(kit, item, _P.PUBLISHED, 1)


# The world changes between the yes and the sending


async def test_an_edit_by_the_author_calls_the_reply_off_and_voids_its_draft(kit: DeskKit) -> None:
    item = await approved(kit)
    await kit.take(kit.incoming("It arrived, sorry!", remote_id=RemoteId("c1")))
    await kit.pass_time(150)
    await settles_as(kit, item, _P.CANCELLED, 0)
    drafts = await kit.read(lambda tx: tx.drafts.versions(item))
    assert drafts[0].is_void


async def test_a_deletion_calls_the_reply_off(kit: DeskKit) -> None:
    item = await approved(kit)
    await kit.take(Removal(RemoteId("c1")))
    await kit.pass_time(150)
    await settles_as(kit, item, _P.CANCELLED, 0)
    assert (await kit.item(item)).state is ItemState.GONE


async def test_a_deletion_while_it_is_sent_stops_the_next_try_and_stays_deleted(
    kit: DeskKit,
) -> None:
    kit.network.next("publish", Step(Unavailable("The network is down.")))
    item, _row = await sending(kit)
    await kit.take(Removal(RemoteId("c1")))
    await kit.pass_time(150)
    await settles_as(kit, item, _P.CANCELLED, 0)
    assert (await kit.item(item)).state is ItemState.GONE


@both
async def test_an_edit_while_it_is_sent_stops_the_next_try(kit: DeskKit) -> None:
    item, _row = await sending(kit)
    await kit.take(kit.incoming("It arrived, sorry!", remote_id=RemoteId("c1")))
    await kit.pass_time(150)
    await settles_as(kit, item, _P.CANCELLED, 0)


async def test_a_native_reply_calls_ours_off(kit: DeskKit) -> None:
    item = await approved(kit)
    await kit.take(native(kit, "I answered by hand."))
    await kit.pass_time(150)
    await settles_as(kit, item, _P.CANCELLED, 0)
    assert (await kit.item(item)).state is ItemState.ANSWERED
    assert (await kit.card_of(item)).links[0].url == "https://fakebook.example/native"


@both
async def test_a_native_reply_while_ours_is_in_doubt_stops_the_next_try(kit: DeskKit) -> None:
    item, _row = await sending(kit)
    await kit.take(native(kit, "I answered by hand."))
    await kit.pass_time(300)
    await settles_as(kit, item, _P.CANCELLED, 0)
    assert (await kit.item(item)).state is ItemState.ANSWERED


def native(kit: DeskKit, text: str) -> IncomingItem:
    return kit.incoming(
        text,
        by_us=True,
        remote_id=RemoteId("native"),
        parent_remote_id=RemoteId("c1"),
        permalink="https://fakebook.example/native",
    )


async def test_the_text_that_leaves_is_the_text_that_was_approved(kit: DeskKit) -> None:
    item = await kit.comment()
    card = await kit.card_of(item)
    await kit.press("bob", card, c.ApproveEdited, "Exactly these words.")
    await kit.pass_time(UNDO)
    assert kit.network.visible == [
        Visible(
            RemoteId("ours-1"),
            RemoteId("c1"),
            "Exactly these words.",
            (await kit.publication(item)).prepared.key,
        )
    ]


@both
async def test_the_same_words_approved_after_reopening_need_and_get_a_new_yes(
    kit: DeskKit,
) -> None:
    item = await approved(kit)
    await kit.pass_time(UNDO)
    assert (await kit.press("bob", await kit.card_of(item), c.Reopen)).is_done
    await kit.pass_time(150)
    assert len(kit.network.visible) == 1
    outcome = await kit.press("bob", await kit.card_of(item), c.Approve)
    assert outcome.is_done, outcome.says
    await kit.pass_time(UNDO)
    assert len(kit.network.visible) == 2


async def test_a_look_that_finds_it_counts_whatever_was_believed_meanwhile(kit: DeskKit) -> None:
    item, row = await sending(kit)
    await pause(kit)
    await kit.pass_time(150)
    publication = await kit.publication(item)
    assert publication.state is _P.QUEUED
    receipt = kit.network.show(publication.prepared)
    await kit.store.write(looked, Looked(row, publication.id, Sight.FOUND, receipt=receipt))
    await settles_as(kit, item, _P.PUBLISHED, 1)


@pytest.mark.postgres
async def test_a_stop_and_a_sender_at_once_never_both_succeed(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """The sender waits for the account when the person presses Stop."""
    address = desk_address(request, tmp_path, "postgres")
    async with opened_desk(address, writers=3) as kit:
        item = await approved(kit)
        kit.clock.advance(UNDO)
        card = await kit.card_of(item)
        (row,) = await kit.claim(Lane.PUBLISH)
        locked, release = threading.Event(), threading.Event()

        def hold_the_account(tx: Tx, commands: Sequence[None]) -> list[None]:
            tx.accounts.lock(kit.account)
            locked.set()
            assert release.wait(20)
            return [None] * len(commands)

        holding = asyncio.create_task(kit.store.write(hold_the_account, None))
        assert await asyncio.to_thread(locked.wait, 10)
        sender = asyncio.create_task(kit.run(row))
        await kit.wait_for_locks(1)
        stopping = asyncio.create_task(kit.press("bob", card, c.Stop))
        await kit.wait_for_locks(2)
        release.set()
        await asyncio.gather(holding, sender)
        assert (await stopping).kind is OutcomeKind.STALE
        await settles_as(kit, item, _P.PUBLISHED, 1)


# How a lost answer was cleared up is told


LOST = OutcomeUnknown("The answer was lost.")


async def told(kit: DeskKit, item: ItemId) -> str:
    """The line of the card, and the history below it."""
    card = await kit.card_of(item)
    history = [plain(line.spans) for line in (await kit.history_of(card.key)).lines]
    return "\n".join([plain(card.state.spans), *history])


async def test_what_was_found_by_looking_says_so(kit: DeskKit) -> None:
    kit.network.next("publish", Step(LOST, acts=True))
    item = await approved(kit)
    await kit.pass_time(2 * UNDO)
    says = await told(kit, item)
    assert says.startswith("Published: Its answer was lost; the desk looked, found it there")
    assert "no answer came; the desk looked, found it there and did not send it again" in says
    assert kit.network.count("publish") == 1


async def test_what_was_proved_absent_and_sent_once_more_says_so(kit: DeskKit) -> None:
    kit.network.next("publish", Step(LOST))
    item = await approved(kit)
    await kit.pass_time(UNDO + SETTLED + 10)
    says = await told(kit, item)
    assert "it was not there, and it was sent once more." in says
    assert "the desk looked, and it is not there; it is sent once more" in says
    assert len(kit.network.visible) == 1


async def test_what_the_network_showed_after_its_answer_was_lost_says_so(kit: DeskKit) -> None:
    kit.network.next("publish", Step(LOST))
    kit.network.next("find", *[Step(Unavailable("Down."))] * 50)
    item = await approved(kit, "bob")
    await kit.pass_time(UNDO + 1)
    await kit.take(native(kit, (await kit.publication(item)).text))
    says = await told(kit, item)
    assert "the network showed it, so it was not sent again" in says
    assert await state_of(kit, item) is _P.PUBLISHED


async def test_an_answer_that_was_not_lost_says_nothing_of_it(kit: DeskKit) -> None:
    item = await approved(kit)
    await kit.pass_time(2 * UNDO)
    assert (await told(kit, item)).startswith("Published\n")
