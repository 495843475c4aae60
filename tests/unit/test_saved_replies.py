"""Saved replies: kept by a manager, offered where they are understood, a draft with one press."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.cards.actions import ActionName, ButtonData, to_command
from bot.cards.card import Action, Card
from bot.cards.pages import DeskPage, DeskQuery
from bot.model import commands as c
from bot.model.commands import Outcome, OutcomeKind
from bot.model.ids import RemoteId
from bot.model.network import RemoteAuthor
from bot.model.saved_reply import filled
from tests.fakes.desk_kit import DeskKit, desk_address, opened_desk

HELLO = "Hello {author}, {brand} on {network} is sorry. {agent}"
ANNA = RemoteAuthor(RemoteId("anna"), "anna", "Anna Petit")
ODD = RemoteAuthor(RemoteId("odd"), "odd", "x_{brand}_x <b>")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return desk_address(request, tmp_path, request.param)


@pytest.fixture
async def kit(address: str) -> AsyncIterator[DeskKit]:
    async with opened_desk(address) as made:
        yield made


async def kept(kit: DeskKit, text: str = HELLO, name: str = "Sorry", language: str = "en") -> None:
    outcome = await kit.order("alice", c.WriteReply(name, language, text))
    assert outcome.is_done, outcome.says


async def page(kit: DeskKit) -> DeskPage:
    return await kit.desk.view(DeskQuery(), kit.who("alice"))


def saved(card: Card) -> list[Action]:
    return [one for one in card.actions if one.name is ActionName.REPLY]


async def used(kit: DeskKit, card: Card, place: int = 0, by: str = "olga") -> Outcome:
    """As a front end: by the data of the button."""
    action = saved(card)[place]
    data = ButtonData(action.name, card.key, card.revision, action.argument).encode()
    return await kit.order(by, to_command(ButtonData.decode(data), now=kit.clock.now()))


async def test_one_press_makes_it_the_draft_with_its_slots_filled_and_publishes_nothing(
    kit: DeskKit,
) -> None:
    await kept(kit)
    item = await kit.comment(author=ANNA)
    assert (await used(kit, await kit.card_of(item))).is_done
    card = await kit.card_of(item)
    assert card.draft is not None
    assert card.draft.text == "Hello Anna, Acme Tea on Fakebook is sorry. Olga"
    assert card.draft.origin == "written by Olga (Sorry)"
    await kit.work()
    assert kit.network.calls == []


async def test_a_name_that_is_not_plain_is_left_out_and_never_read_as_a_slot(kit: DeskKit) -> None:
    await kept(kit)
    item = await kit.comment(author=ODD)
    await used(kit, await kit.card_of(item))
    draft = (await kit.card_of(item)).draft
    assert draft is not None
    assert draft.text == "Hello, Acme Tea on Fakebook is sorry. Olga"


def test_what_fills_a_slot_is_not_filled_again() -> None:
    values = {"author": "Ann", "brand": "{agent}", "agent": "Olga"}
    assert filled("Dear {author}, {brand}", values) == "Dear Ann, {agent}"


async def test_cards_offer_those_in_the_authors_language_what_is_used_most_first(
    kit: DeskKit,
) -> None:
    await kept(kit, "Désolés.", "Pardon", "fr")
    await kept(kit, "A.", "A")
    await kept(kit, "B.", "B")
    item = await kit.comment()
    card = await kit.card_of(item)
    assert [one.in_menu for one in saved(card)] == ["A", "B"]
    await used(kit, card, 1)
    assert [one.in_menu for one in saved(await kit.card_of(item))] == ["B", "A"]


async def test_a_manager_keeps_the_draft_that_is_shown_without_its_authors_name(
    kit: DeskKit,
) -> None:
    item = await kit.comment(author=ANNA)
    card = await kit.card_of(item)
    await kit.press("olga", card, c.SaveDraft, "Hi Anna, Annabel will look into it.")
    card = await kit.card_of(item)
    asked = ButtonData(ActionName.KEEP, card.key, card.revision)
    command = to_command(asked, now=kit.clock.now(), entry=" Looking \n into it ")
    assert (await kit.order("olga", command)).kind is OutcomeKind.REFUSED
    assert (await kit.order("alice", command)).is_done
    desk = await page(kit)
    [reply] = desk.saved_replies
    assert (reply.name, reply.language) == ("Looking into it", "en")
    assert reply.text == "Hi {author}, Annabel will look into it."


async def test_the_same_name_in_the_same_language_is_replaced_and_audited(kit: DeskKit) -> None:
    await kept(kit, "One.")
    await kept(kit, "Deux.", language="fr")
    outcome = await kit.order("alice", c.WriteReply("Sorry", "en", "Two."))
    assert "in place of what stood there" in outcome.says
    desk = await page(kit)
    assert {(one.language, one.text) for one in desk.saved_replies} == {
        ("en", "Two."),
        ("fr", "Deux."),
    }
    dropped = await kit.order("alice", c.DropReply(desk.saved_replies[0].id))
    assert dropped.is_done
    await kit.do(lambda tx: tx.audits.seal(tx.now()))
    rows = await kit.read(lambda tx: tx.audits.sealed())
    acts = [one.action for one in rows if one.action.startswith("saved_reply")]
    assert acts == ["saved_reply_kept"] * 3 + ["saved_reply_dropped"]


@pytest.mark.parametrize(
    ("name", "language", "text", "says"),
    [
        (" ", "en", "Words.", "Give the saved reply a name"),
        ("n" * 61, "en", "Words.", "Give the saved reply a name"),
        ("Name", "de", "Worte.", "Choose one of these languages"),
        ("Name", "en", " ", "Write at most 5,000 characters"),
        ("Name", "en", "w" * 5_001, "Write at most 5,000 characters"),
        ("Name", "en", "Dear {autor}", "{autor} means nothing here"),
        ("Name", "en", "A } brace", "} means nothing here"),
        ("Name", "en", "{author}, hello", "Greet before the name"),
    ],
)
async def test_what_cannot_be_used_is_refused_with_what_to_do(
    kit: DeskKit, name: str, language: str, text: str, says: str
) -> None:
    outcome = await kit.order("alice", c.WriteReply(name, language, text))
    assert outcome.kind is OutcomeKind.REFUSED
    assert says in outcome.says
    assert (await page(kit)).saved_replies == ()


async def test_one_that_was_dropped_or_is_another_brands_is_not_there(kit: DeskKit) -> None:
    await kept(kit)
    item = await kit.comment()
    card = await kit.card_of(item)
    number = (await page(kit)).saved_replies[0].id
    assert (await kit.order("alice", c.DropReply(number))).is_done
    assert (await used(kit, card)).kind is OutcomeKind.MISSING
    assert (await kit.order("alice", c.DropReply(number))).kind is OutcomeKind.MISSING
    assert (await kit.card_of(item)).revision == card.revision
