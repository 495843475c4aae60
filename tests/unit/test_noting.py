"""Notes of the team about an item: where they stand, who may write them, what they do not do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.cards.card import Card, plain
from bot.cards.pages import HistoryQuery, SearchQuery
from bot.model import commands as c
from bot.model.commands import OutcomeKind
from bot.model.event import Subject
from bot.model.ids import ItemId
from bot.services.forgetting import Forget, forget
from tests.fakes.desk_kit import DeskKit, desk_address, opened_desk
from tests.fakes.oncall_kit import CARE, MEMBERS, words

PHONED = "I phoned them.\nThe parcel is at the neighbour's."
RANG = "They rang back."


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    address = desk_address(request, tmp_path, request.param)
    async with opened_desk(address, channels=[CARE], members=MEMBERS) as kit:
        yield kit


async def noted(kit: DeskKit, origin: str = "") -> tuple[ItemId, Card]:
    item = await kit.comment()
    card = await kit.card_of(item)
    assert (await kit.press("olga", card, c.WriteNote, PHONED, origin)).is_done
    await kit.work()
    return item, card


async def told(kit: DeskKit, item: ItemId) -> list[tuple[str, str]]:
    page = await kit.desk.view(HistoryQuery(await kit.token_of(item)), kit.who("olga"))
    return [(plain(one.spans), one.detail) for one in page.lines]


async def test_the_card_counts_notes_and_shows_how_the_newest_begins(kit: DeskKit) -> None:
    item, card = await noted(kit)
    assert "Private note, Olga: I phoned them." in words(kit.chat.messages[-1].card)
    assert (await kit.press("bob", card, c.WriteNote, RANG)).is_done
    shown = words(await kit.card_of(item))
    assert "2 private notes, the last by Bob: They rang back." in shown
    assert "neighbour" not in shown


async def test_all_of_them_stand_in_the_history(kit: DeskKit) -> None:
    item, _card = await noted(kit)
    assert ("Olga wrote a private note", PHONED) in await told(kit, item)


async def test_the_items_page_has_all_of_them_as_they_read_now_with_author_and_time(
    kit: DeskKit,
) -> None:
    _item, card = await noted(kit, "C-care:7")
    first = kit.clock.now()
    await kit.pass_time(3600)
    assert (await kit.press("vic", card, c.WriteNote, RANG)).is_done, "a viewer may"
    assert (await kit.press("olga", card, c.ChangeNote, "Nobody is there.", "C-care:7")).is_done
    page = await kit.desk.view(HistoryQuery(card.key), kit.who("bob"))
    assert [(one.by.name, one.text, one.at) for one in page.notes] == [
        ("Olga", "Nobody is there.", first), ("Vic", RANG, kit.clock.now())
    ]  # fmt: skip
    await kit.work()
    assert "2 private notes, the last by Vic: They rang back." in words(kit.chat.messages[-1].card)
    other = await kit.comment()
    page = await kit.desk.view(HistoryQuery(await kit.token_of(other)), kit.who("bob"))
    assert page.notes == ()


async def test_the_next_draft_knows_them_and_none_is_written_for_them(kit: DeskKit) -> None:
    item, card = await noted(kit)
    drafts = len(kit.drafter.requests)
    assert (await kit.press("bob", await kit.card_of(item), c.Redraft)).is_done
    await kit.work()
    assert len(kit.drafter.requests) == drafts + 1
    assert kit.drafter.requests[-1].knowledge == (PHONED,)
    assert kit.network.visible == []
    assert card.draft is not None


async def test_nobodys_press_comes_too_late_for_a_note_nor_a_note_for_a_press(
    kit: DeskKit,
) -> None:
    item, seen = await noted(kit)
    assert (await kit.press("bob", seen, c.Take)).is_done, "the card that was seen before the note"
    assert (await kit.press("olga", seen, c.WriteNote, RANG)).is_done, "before it was taken"
    assert "2 private notes" in words(await kit.card_of(item))


async def test_what_was_written_below_the_card_follows_its_message(kit: DeskKit) -> None:
    item, card = await noted(kit, "C-care:7")
    for said in (RANG, PHONED, RANG):
        assert (await kit.press("olga", card, c.ChangeNote, said, "C-care:7")).is_done
        assert f"Private note, Olga: {said.splitlines()[0]}" in words(await kit.card_of(item))
    assert (await kit.press("bob", card, c.ChangeNote, "", "C-care:7")).kind is OutcomeKind.MISSING
    assert (await kit.press("olga", card, c.ChangeNote, "", "C-care:7")).is_done
    assert "rivate note" not in words(await kit.card_of(item))
    assert ("Olga took a private note back", "") in await told(kit, item)


async def test_one_message_is_one_note(kit: DeskKit) -> None:
    item, card = await noted(kit, "C-care:7")
    assert (await kit.press("olga", card, c.WriteNote, RANG, "C-care:7")).is_done
    assert "Private note, Olga: I phoned them." in words(await kit.card_of(item))


async def test_everybody_of_the_desk_may_write_one_but_none_without_words(kit: DeskKit) -> None:
    card = await kit.card_of(await kit.comment())
    assert not (await kit.press("eve", card, c.WriteNote, " ")).is_done
    assert (await kit.press("eve", card, c.WriteNote, RANG)).is_done


async def test_notes_go_with_the_author_who_is_forgotten(kit: DeskKit) -> None:
    item, _card = await noted(kit)
    author = (await kit.item(item)).author_id
    assert await kit.do(lambda tx: forget(tx, [Forget(author)])[0].is_done)
    assert "rivate note" not in words(await kit.card_of(item))
    assert ("Olga wrote a private note", "") in await told(kit, item)
    about = await kit.read(lambda tx: tx.audits.about(Subject.ITEM, [item]))
    assert [one.text for one in about if one.text] == []


async def test_a_card_is_found_by_what_was_noted_until_that_is_taken_back(kit: DeskKit) -> None:
    item, card = await noted(kit, "C-care:1.2")

    async def found() -> list[ItemId]:
        await kit.index()
        page = await kit.desk.view(SearchQuery("neighb"), kit.who("bob"))
        return [ItemId(one.number) for one in page.cards]

    assert await found() == [item]
    assert (await kit.press("olga", card, c.ChangeNote, "", "C-care:1.2")).is_done
    assert await found() == []
