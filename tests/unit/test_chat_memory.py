"""What a chat's front end remembers, and what a message that is seen tells the desk."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.cards.pages import QueueFilter
from bot.errors import OutcomeUnknown, TargetGone
from bot.model import commands as c
from bot.model.account import AccountState
from bot.model.channel import CardRef, CardRefState, Place, Shows, Sighted, Sighting
from bot.model.ids import ItemId, MessageId
from bot.model.network import ReadBack
from bot.services.chat_memory import StoredMemory
from bot.services.settling_in import NamedChannel, Roster, settle_in
from tests.fakes.chat import CHAT, ChatStep
from tests.fakes.desk_kit import ACME, DeskKit, desk_address, opened_desk

CARE = NamedChannel("care", CHAT, Place("C-care"))
POSTS = NamedChannel("posts", CHAT, Place("C-care", "7"), shows=frozenset({Shows.POSTS}))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    address = desk_address(request, tmp_path, request.param)
    async with opened_desk(address, channels=(CARE, POSTS)) as found:
        found.chat.read_back = ReadBack.NONE
        yield found


@pytest.fixture
def memory(kit: DeskKit) -> StoredMemory:
    return StoredMemory(kit.store, CHAT)


async def ref_of(kit: DeskKit, item: ItemId) -> CardRef:
    token = await kit.token_of(item)
    [ref] = await kit.read(lambda tx: tx.card_refs.of_card(tx.cards.by_token(token).id))  # type: ignore[union-attr]
    return ref


async def sighting(kit: DeskKit, item: ItemId, message: str, channel: str = "C-care") -> Sighting:
    return Sighting(channel, "", MessageId(message), await kit.token_of(item))


async def test_notes_are_kept_changed_and_forgotten_by_channel_and_name(
    memory: StoredMemory,
) -> None:
    assert await memory.recall("C", "topic") == ""
    await memory.keep("C", "topic", "1")
    await memory.keep("C", "topic", "2")
    await memory.keep("D", "topic", "3")
    assert await memory.recall("C", "topic") == "2"
    assert await memory.recall("C", "other") == ""
    await memory.keep("C", "topic", "")
    assert await memory.recall("C", "topic") == ""
    assert await memory.recall("D", "topic") == "3"


async def test_the_cards_own_message_is_known_and_another_is_a_double(
    kit: DeskKit, memory: StoredMemory
) -> None:
    item = await kit.comment()
    own = kit.chat.messages[0].id
    assert await memory.sighted(await sighting(kit, item, own)) is Sighted.KNOWN
    assert await memory.sighted(await sighting(kit, item, "older")) is Sighted.DOUBLE
    assert (await ref_of(kit, item)).message == own


async def test_a_message_in_a_channel_that_has_nothing_to_do_with_it_is_strange(
    kit: DeskKit, memory: StoredMemory
) -> None:
    item = await kit.comment()
    assert await memory.sighted(await sighting(kit, item, "m", "C-other")) is Sighted.STRANGE
    nothing = Sighting("C-care", "", MessageId("m"), (await kit.card_of(item)).key[::-1])  # type: ignore[arg-type]
    assert await memory.sighted(nothing) is Sighted.STRANGE


async def test_a_press_proves_a_message_whose_answer_was_lost_and_it_is_not_repeated(
    kit: DeskKit, memory: StoredMemory
) -> None:
    kit.chat.script("post", ChatStep(error=OutcomeUnknown("No answer.")))
    item = await kit.comment()
    assert (await ref_of(kit, item)).state is CardRefState.POSTING
    there = kit.chat.messages[0].id
    assert await memory.sighted(await sighting(kit, item, there)) is Sighted.KNOWN
    await kit.pass_time(60)
    assert [one.id for one in kit.chat.messages] == [there]
    assert (await ref_of(kit, item)).message == there
    assert kit.chat.messages[0].card == await kit.card_of(item)


async def test_a_press_after_the_repeat_comes_from_a_double(
    kit: DeskKit, memory: StoredMemory
) -> None:
    kit.chat.script("post", ChatStep(error=OutcomeUnknown("No answer.")))
    item = await kit.comment()
    await kit.pass_time(60)
    first, second = kit.chat.messages
    assert second.is_repeat
    assert await memory.sighted(await sighting(kit, item, first.id)) is Sighted.DOUBLE
    assert (await ref_of(kit, item)).message == second.id


async def test_a_double_whose_original_was_deleted_is_the_card_from_now(
    kit: DeskKit, memory: StoredMemory
) -> None:
    item = await kit.comment()
    kit.chat.script("redraw", ChatStep(acts=False, error=TargetGone("Deleted.")))
    await kit.press("olga", await kit.card_of(item), c.Take)
    await kit.work()
    assert (await ref_of(kit, item)).state is CardRefState.GONE
    kit.chat.messages[0].id = MessageId("double")
    assert await memory.sighted(await sighting(kit, item, "double")) is Sighted.KNOWN
    await kit.work()
    assert kit.chat.messages[0].card == await kit.card_of(item)


async def test_a_channel_that_moved_keeps_its_new_id_and_gets_what_waits_again(
    kit: DeskKit, memory: StoredMemory
) -> None:
    waits, closed = await kit.comment(), await kit.comment()
    await kit.press("olga", await kit.card_of(closed), c.NoReplyNeeded)
    await kit.work()
    await memory.moved("C-care", "C-new")
    await kit.work()
    assert [one.card.number for one in kit.chat.in_channel("C-new")] == [waits]
    assert (await ref_of(kit, closed)).state is CardRefState.GONE
    roster = Roster((replace(ACME, channels=(CARE, POSTS)),), AccountState.LIVE)
    await kit.store.write(settle_in, roster)
    later = await kit.comment()
    assert kit.chat.messages[-1].place.channel == "C-new"
    assert kit.chat.messages[-1].card.number == later


async def test_a_board_says_how_much_waits_in_each_channel(
    kit: DeskKit, memory: StoredMemory
) -> None:
    await kit.comment()
    boards = await memory.boards()
    assert [board.place for board in boards] == [CARE.place, POSTS.place]
    assert [board.counts[QueueFilter.OPEN] for board in boards] == [1, 1]
