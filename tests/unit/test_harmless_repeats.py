"""Where nothing can be read back, a network that knows our key may get the same once more."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.errors import OutcomeUnknown, Rejected, TargetGone, Unavailable
from bot.model import commands as c
from bot.model.commands import HoldKind
from bot.model.ids import ItemId, RemoteId
from bot.model.network import ReadBack
from bot.model.publication import PublicationState
from tests.contract.store_case import DATABASES
from tests.fakes.desk_kit import DeskKit, desk_address, labels, opened_desk
from tests.fakes.network import Step

_P = PublicationState
UNDO, ANSWER = 10.0, 20.0
KEY = 600.0
"""Seconds."""
LOST = OutcomeUnknown("The connection broke.")


@pytest.fixture(params=DATABASES)
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    async with opened_desk(desk_address(request, tmp_path, request.param)) as kit:
        kit.network.can(read_back=ReadBack.NONE, key_seconds=KEY)
        yield kit


async def approved(kit: DeskKit) -> ItemId:
    item = await kit.comment()
    assert (await kit.press("bob", await kit.card_of(item), c.Approve)).is_done
    return item


async def state_of(kit: DeskKit, item: ItemId) -> PublicationState:
    return (await kit.publication(item)).state


@pytest.mark.parametrize("acts", [True, False])
async def test_a_lost_answer_is_followed_by_the_same_request_under_the_same_key(
    kit: DeskKit, acts: bool
) -> None:
    kit.network.next("publish", Step(LOST, acts=acts))
    item = await approved(kit)
    await kit.pass_time(UNDO + ANSWER + 5)
    assert await state_of(kit, item) is _P.PUBLISHED
    assert len(kit.network.visible) == 1
    keys = [about for method, about in kit.network.calls if method == "publish"]
    assert len(keys) == 2
    assert len(set(keys)) == 1
    assert kit.network.count("find") == 0


async def test_nothing_is_repeated_while_the_first_request_may_still_arrive(kit: DeskKit) -> None:
    kit.network.next("publish", Step(LOST))
    item = await approved(kit)
    await kit.pass_time(UNDO + ANSWER - 1)
    assert await state_of(kit, item) is _P.UNKNOWN
    assert kit.network.count("publish") == 1


async def test_a_key_that_may_be_forgotten_is_not_relied_on(kit: DeskKit) -> None:
    """Its age counts from the first try: that one the network may have taken."""
    kit.network.next("publish", *[Step(LOST, acts=True)] * 100)
    item = await approved(kit)
    await kit.pass_time(UNDO + 2 * KEY)
    assert await state_of(kit, item) is _P.NEEDS_HUMAN
    assert len(kit.network.visible) == 1
    assert KEY / ANSWER / 2 < kit.network.count("publish") <= KEY / ANSWER
    assert "It is there" in labels(await kit.card_of(item))


async def test_a_clock_that_is_set_back_makes_no_key_young_again(kit: DeskKit) -> None:
    """The wall says that the key is known; the time that passed says that it is forgotten."""
    kit.network.next("publish", Step(LOST, acts=True))
    item = await approved(kit)
    kit.clock.advance(UNDO)
    await kit.work()
    kit.clock.advance(KEY)
    kit.clock.jump(-KEY)
    await kit.work()
    await kit.pass_time(2 * ANSWER)
    assert await state_of(kit, item) is _P.NEEDS_HUMAN
    assert kit.network.count("publish") == 1


async def test_a_repeat_that_could_not_leave_proves_nothing_about_the_first_request(
    kit: DeskKit,
) -> None:
    kit.network.next("publish", Step(LOST, acts=True), Step(Unavailable("No way out.")))
    item = await approved(kit)
    await kit.pass_time(UNDO + ANSWER + 1)
    assert kit.network.count("publish") == 2
    assert await state_of(kit, item) is _P.UNKNOWN
    await kit.pass_time(2 * ANSWER)
    assert await state_of(kit, item) is _P.PUBLISHED
    assert len(kit.network.visible) == 1


@pytest.mark.parametrize("refusal", [Rejected("Not twice."), TargetGone("It was deleted.")])
async def test_a_refusal_of_the_repeat_proves_nothing_about_the_first_request(
    kit: DeskKit, refusal: Rejected | TargetGone
) -> None:
    kit.network.next("publish", Step(LOST, acts=True), Step(refusal))
    item = await approved(kit)
    await kit.pass_time(UNDO + 3 * ANSWER)
    assert await state_of(kit, item) is _P.NEEDS_HUMAN
    card = await kit.card_of(item)
    assert "It is there" in labels(card)
    assert str(refusal) in str(card.state.spans)
    assert kit.network.count("publish") == 2


async def test_nothing_is_repeated_while_replies_are_paused(kit: DeskKit) -> None:
    kit.network.next("publish", Step(LOST, acts=True))
    item = await approved(kit)
    await kit.pass_time(UNDO + 1)
    paused = await kit.order("alice", c.Pause((HoldKind.REPLIES,), None, "A moment, please."))
    assert paused.is_done, paused
    await kit.pass_time(ANSWER * 5)
    assert kit.network.count("publish") == 1
    assert await state_of(kit, item) is _P.UNKNOWN
    assert (await kit.order("alice", c.Unpause((HoldKind.REPLIES,), None))).is_done
    await kit.pass_time(ANSWER * 5)
    assert await state_of(kit, item) is _P.PUBLISHED
    assert len(kit.network.visible) == 1


async def test_what_the_author_changed_meanwhile_is_not_repeated_and_a_person_is_asked(
    kit: DeskKit,
) -> None:
    kit.network.next("publish", Step(LOST, acts=True))
    item = await approved(kit)
    await kit.pass_time(UNDO + 1)
    await kit.take(kit.incoming("Never mind, it arrived!", remote_id=RemoteId("c1")))
    await kit.pass_time(ANSWER * 2)
    assert await state_of(kit, item) is _P.NEEDS_HUMAN
    assert kit.network.count("publish") == 1
    assert "it may be there" in str((await kit.card_of(item)).state.spans)
