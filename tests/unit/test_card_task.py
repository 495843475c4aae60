"""A card stands once in each channel that takes it, and shows what is committed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Protocol

import pytest

from bot.bootstrap.workshop import rates
from bot.cards.actions import ActionName
from bot.cards.card import CardKind
from bot.cards.pages import DeskQuery, MessageQuery
from bot.coordination.limits import MemoryLimiter
from bot.errors import (
    AuthenticationFailed,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Unavailable,
)
from bot.model import commands as c
from bot.model.channel import CardRef, CardRefState, ChatRate, Place, Route, Shows
from bot.model.due import Lane
from bot.model.ids import SECOND, CardRefId, MessageId
from bot.model.item import ItemKind
from bot.model.network import ReadBack
from bot.model.triage import Risk
from bot.services.settling_in import NamedChannel
from bot.services.showing import NotPosted, Posted, not_posted, posted
from bot.store.tx import Tx
from bot.workers.card import CardTask, ChatTiming
from tests.fakes.chat import CHAT, ChatStep
from tests.fakes.desk_kit import DeskKit, desk_address, opened_desk

CARE = NamedChannel("care", CHAT, Place("C-care"))
LEGAL = NamedChannel("legal", CHAT, Place("C-legal"), routes=(Route(risks=(Risk.LEGAL,)),))
POSTS = NamedChannel("posts", CHAT, Place("C-posts"), shows=frozenset({Shows.POSTS}))
SUE = "I will sue you, my lawyer writes tomorrow."


class Opens(Protocol):
    def __call__(self, *channels: NamedChannel) -> AbstractAsyncContextManager[DeskKit]: ...


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def open_desk(request: pytest.FixtureRequest, tmp_path: Path) -> Opens:
    address = desk_address(request, tmp_path, request.param)

    def opens(*channels: NamedChannel) -> AbstractAsyncContextManager[DeskKit]:
        return opened_desk(address, channels=channels)

    return opens


@pytest.fixture
async def kit(open_desk: Opens) -> AsyncIterator[DeskKit]:
    async with open_desk(CARE) as found:
        yield found


async def test_an_item_gets_one_card_that_ends_with_its_draft(kit: DeskKit) -> None:
    item = await kit.comment()
    [message] = kit.chat.messages
    assert message.place == Place("C-care")
    assert message.card == await kit.card_of(item)
    assert message.card.draft is not None
    assert message.card.draft.text.startswith("We are sorry.")


async def test_a_message_says_which_card_it_shows_to_members_alone(kit: DeskKit) -> None:
    item = await kit.comment()
    query = MessageQuery(CHAT, "C-care", kit.chat.messages[0].id)
    page = await kit.desk.view(query, kit.who("vic"))
    assert page.card == await kit.card_of(item)
    assert (await kit.desk.view(query, kit.who("stranger"))).card is None
    other = MessageQuery(CHAT, "C-care", MessageId("m77"))
    assert (await kit.desk.view(other, kit.who("vic"))).card is None


async def test_a_decision_redraws_the_same_message(kit: DeskKit) -> None:
    item = await kit.comment()
    outcome = await kit.press("bob", kit.chat.messages[0].card, c.Approve)
    assert outcome.kind is c.OutcomeKind.DONE
    await kit.pass_time(30)
    [message] = kit.chat.messages
    assert message.card == await kit.card_of(item)
    assert message.card.links
    assert ActionName.APPROVE not in {action.name for action in message.card.actions}


async def test_a_card_that_looks_the_same_is_not_sent_again(kit: DeskKit) -> None:
    item = await kit.comment()
    drawn = len(kit.chat.messages[0].looks)
    await kit.do(lambda tx: tx.due.add(tx.card_refs.due_again(CardKind.ITEM, [item], tx.now())))
    await kit.work()
    assert len(kit.chat.messages[0].looks) == drawn


@pytest.mark.parametrize("error", [OutcomeUnknown("lost"), TimeoutError()])
async def test_a_posting_whose_answer_was_lost_is_found_and_not_repeated(
    kit: DeskKit, error: Exception
) -> None:
    kit.chat.script("post", ChatStep(error=error))
    await kit.comment()
    await kit.pass_time(60)
    [message] = kit.chat.messages
    assert message.card.draft is not None


async def test_a_posting_that_did_not_arrive_is_repeated_only_when_that_is_proved(
    kit: DeskKit,
) -> None:
    kit.chat.script("post", ChatStep(acts=False, error=OutcomeUnknown("lost")))
    await kit.comment()
    await kit.pass_time(10)
    assert kit.chat.messages == []
    await kit.pass_time(20)
    [message] = kit.chat.messages
    assert not message.is_repeat


async def test_a_late_list_within_what_the_chat_declares_makes_no_second_card(
    kit: DeskKit,
) -> None:
    kit.chat.script("post", ChatStep(error=OutcomeUnknown("lost")))
    kit.chat.script("find", *[ChatStep(acts=False)] * 3)
    await kit.comment()
    await kit.pass_time(60)
    assert len(kit.chat.messages) == 1


async def test_a_chat_that_cannot_be_read_back_gets_at_most_one_marked_repeat(
    kit: DeskKit,
) -> None:
    kit.chat.read_back = ReadBack.NONE
    kit.chat.script("post", ChatStep(error=OutcomeUnknown("lost")))
    item = await kit.comment()
    await kit.pass_time(60)
    first, second = kit.chat.messages
    assert (first.is_repeat, second.is_repeat) == (False, True)
    assert second.card == await kit.card_of(item)


async def test_a_card_that_nobody_confirmed_twice_is_not_posted_a_third_time(kit: DeskKit) -> None:
    kit.chat.read_back = ReadBack.NONE
    kit.chat.script("post", *(ChatStep(error=OutcomeUnknown("No answer.")) for _ in range(2)))
    item = await kit.comment()
    await kit.pass_time(300)
    assert [one.is_repeat for one in kit.chat.messages] == [False, True]
    page = await kit.desk.view(DeskQuery(), kit.who("bob"))
    assert "It is in the queue." in page.channels[0].trouble
    later = await kit.comment()
    await kit.pass_time(60)
    assert [one.card.number for one in kit.chat.messages] == [item, item, later]
    page = await kit.desk.view(DeskQuery(), kit.who("bob"))
    assert page.channels[0].trouble == ""


async def test_a_process_that_died_after_posting_leaves_one_card(kit: DeskKit) -> None:
    class Died(BaseException):
        pass

    kit.chat.script("post", ChatStep(error=Died()))  # type: ignore[arg-type]
    await kit.take(kit.incoming())
    with pytest.raises(Died):
        await kit.work()
    await kit.do(lambda tx: tx.due.release())
    await kit.pass_time(60)
    assert len(kit.chat.messages) == 1


async def test_what_was_never_sent_is_sent_later(kit: DeskKit) -> None:
    kit.chat.script("post", ChatStep(acts=False, error=Unavailable("down")))
    await kit.comment()
    await kit.pass_time(30)
    assert len(kit.chat.messages) == 1
    assert "find" not in kit.chat.calls


async def test_a_rate_limit_is_waited_out_exactly(kit: DeskKit) -> None:
    until = kit.clock.now() + 45 * SECOND
    kit.chat.script("post", ChatStep(acts=False, error=RateLimited("slow", until=until)))
    await kit.comment()
    await kit.pass_time(44)
    assert kit.chat.calls == ["post"]
    await kit.pass_time(3)
    assert len(kit.chat.messages) == 1


@pytest.mark.parametrize("error", [Rejected("not_in_channel"), AuthenticationFailed("revoked")])
async def test_a_channel_that_refuses_is_told_and_tried_again(
    kit: DeskKit, error: Exception
) -> None:
    kit.chat.script("post", ChatStep(acts=False, error=error))
    await kit.comment()
    [channel] = await kit.read(lambda tx: tx.channels.at(CHAT, "C-care"))
    assert channel.trouble == str(error)
    await kit.pass_time(30)
    [channel] = await kit.read(lambda tx: tx.channels.at(CHAT, "C-care"))
    assert channel.trouble == ""
    assert len(kit.chat.messages) == 1


async def test_what_turns_while_a_card_is_being_posted_is_shown_all_the_same(
    kit: DeskKit,
) -> None:
    item = await kit.comment()
    card = await kit.card_of(item)
    changed: list[object] = []

    def meanwhile() -> None:
        changed.append(None)

    kit.chat.script("redraw", ChatStep(before=meanwhile, error=OutcomeUnknown("lost")))
    await kit.press("olga", card, c.Take)
    await kit.pass_time(30)
    [message] = kit.chat.messages
    assert changed
    assert message.card == await kit.card_of(item)


async def test_a_message_that_somebody_deleted_is_not_posted_again(kit: DeskKit) -> None:
    item = await kit.comment()
    kit.chat.messages.clear()
    await kit.press("olga", await kit.card_of(item), c.Take)
    await kit.pass_time(60)
    assert kit.chat.messages == []
    row = await kit.read(lambda tx: tx.cards.of(CardKind.ITEM, item))
    [ref] = await kit.read(lambda tx: tx.card_refs.of_card(row.id))
    assert ref.state is CardRefState.GONE


async def test_routes_say_where_an_item_lands(open_desk: Opens) -> None:
    async with open_desk(CARE, LEGAL, POSTS) as kit:
        await kit.comment()
        await kit.comment(SUE)
        assert len(kit.chat.in_channel("C-care")) == 2
        assert len(kit.chat.in_channel("C-legal")) == 1
        assert kit.chat.in_channel("C-posts") == []


async def test_an_item_that_no_route_wants_lands_in_the_first_channel(open_desk: Opens) -> None:
    picky = NamedChannel("picky", CHAT, Place("C-1"), routes=(Route(kinds=(ItemKind.REVIEW,)),))
    async with open_desk(POSTS, picky, LEGAL) as kit:
        await kit.comment()
        assert [one.place.channel for one in kit.chat.messages] == ["C-1"]


async def test_a_composed_post_lands_where_posts_are_shown(open_desk: Opens) -> None:
    async with open_desk(CARE, POSTS) as kit:
        compose = c.ComposePost((c.VariantText("acme", "Slow mornings"),))
        assert (await kit.order("olga", compose)).kind is c.OutcomeKind.DONE
        await kit.work()
        assert {one.place.channel for one in kit.chat.messages} == {"C-care", "C-posts"}


async def test_a_channel_that_left_the_configuration_gets_nothing_more(open_desk: Opens) -> None:
    async with open_desk(CARE, POSTS):
        pass
    async with open_desk(POSTS) as kit:
        await kit.comment()
        assert kit.chat.messages == []


async def test_a_muted_item_that_is_reopened_lands_then(kit: DeskKit) -> None:
    old = kit.incoming()
    await kit.take(old)
    await kit.do(lambda tx: tx.connection.exec_driver_sql("UPDATE item SET state = 'muted'"))
    await kit.do(lambda tx: tx.connection.exec_driver_sql("DELETE FROM due WHERE kind = 'triage'"))
    item = await kit.id_of(old.remote_id)
    await kit.press("olga", await kit.card_of(item), c.Reopen)
    await kit.work()
    assert len(kit.chat.messages) == 1


async def test_a_posting_that_was_given_up_does_not_come_back_as_the_card(kit: DeskKit) -> None:
    """Its former holder woke up after another one had proved that nothing stands there."""
    kit.chat.script("post", ChatStep(acts=False, error=OutcomeUnknown("lost")))
    await kit.comment()
    kit.clock.advance(1)
    [row] = await kit.claim(Lane.CARDS)
    ref = await kit.read(lambda tx: _ref(tx, CardRefId(row.arg["ref"])))
    await kit.store.write(not_posted, NotPosted(row, ref, 0, "not there"))
    await kit.store.write(posted, Posted(row, ref, MessageId("late"), None))
    after = await kit.read(lambda tx: _ref(tx, ref.id))
    assert (after.state, after.message) == (CardRefState.WANTED, None)


def with_limits(kit: DeskKit) -> None:
    """From now on the chat's rates hold."""
    frontends = {CHAT: kit.chat}
    limiter = MemoryLimiter(rates(kit.lines, frontends), kit.clock)
    task = CardTask(kit.store, kit.clock, kit.lines, kit.rules, limiter, frontends, ChatTiming())
    kit.tasks = {**kit.tasks, "card": task}


async def test_a_legal_risk_does_not_wait_behind_other_cards(kit: DeskKit) -> None:
    kit.chat.posts = kit.chat.urgent = ChatRate(1, 1)
    with_limits(kit)
    for _ in range(4):
        await kit.comment()
    legal = await kit.comment(SUE)
    assert [one.card.number for one in kit.chat.messages] == [1, legal]
    await kit.pass_time(300)
    assert {one.card.number for one in kit.chat.messages} == {1, 2, 3, 4, legal}


async def test_without_room_apart_a_legal_risk_waits_like_the_others(kit: DeskKit) -> None:
    kit.chat.posts = ChatRate(1, 1)
    with_limits(kit)
    await kit.comment()
    await kit.comment(SUE)
    assert len(kit.chat.messages) == 1


async def test_a_flooded_channel_takes_nothing_urgent_either(kit: DeskKit) -> None:
    kit.chat.posts = kit.chat.urgent = ChatRate(10, 10)
    with_limits(kit)
    until = kit.clock.now() + 30 * SECOND
    kit.chat.script("post", ChatStep(acts=False, error=RateLimited("Slow down.", until=until)))
    await kit.comment()
    await kit.comment(SUE)
    await kit.pass_time(25)
    assert kit.chat.messages == []
    await kit.pass_time(10)
    assert len(kit.chat.messages) == 2


async def test_what_turns_a_card_within_a_moment_is_drawn_once(kit: DeskKit) -> None:
    item = await kit.comment()
    task = CardTask(
        kit.store, kit.clock, kit.lines, kit.rules, kit.limiter, {CHAT: kit.chat},
        ChatTiming(gathers=0.3),
    )  # fmt: skip
    [message] = kit.chat.messages
    drawn = len(message.looks)
    await kit.press("bob", message.card, c.Approve)
    [row] = await kit.claim(Lane.REDRAWS)
    redrawing = asyncio.create_task(task(row))
    await kit.press("bob", await kit.card_of(item), c.Stop)
    await redrawing
    assert await kit.claim(Lane.REDRAWS) == []
    assert len(message.looks) == drawn + 1
    assert message.card == await kit.card_of(item)


def _ref(tx: Tx, ref_id: CardRefId) -> CardRef:
    return tx.card_refs.some([ref_id])[ref_id]
