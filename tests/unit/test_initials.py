"""Initials under a reply: the card shows, an approval names and the network gets the same text."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.cards.pages import EditorQuery
from bot.model import commands as c
from bot.model.ids import ItemId
from bot.model.signature import Signing, initials_of, signed, unsigned
from bot.services.deciding import DeskRules
from tests.fakes.desk_kit import DeskKit, desk_address, opened_desk

RULES = DeskRules(signing=Signing(frozenset({"acme"}), {"bob": "BX"}))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    address = desk_address(request, tmp_path, request.param)
    async with opened_desk(address, rules=RULES) as kit:
        yield kit


async def shown(kit: DeskKit, item: ItemId) -> str:
    draft = (await kit.card_of(item)).draft
    assert draft is not None
    assert draft.used == len(draft.text)
    return draft.text


async def published(kit: DeskKit, item: ItemId) -> str:
    assert (await kit.press("bob", await kit.card_of(item), c.Approve)).is_done
    await kit.pass_time(20)
    assert (await kit.publication(item)).text == kit.network.visible[-1].text
    return kit.network.visible[-1].text


async def test_a_members_version_has_theirs_whoever_publishes_it(kit: DeskKit) -> None:
    item = await kit.comment()
    await kit.press("olga", await kit.card_of(item), c.SaveDraft, "On its way.")
    assert await shown(kit, item) == "On its way. ^OL"
    assert await published(kit, item) == "On its way. ^OL"


async def test_a_machines_draft_has_those_of_whoever_has_the_comment(kit: DeskKit) -> None:
    item = await kit.comment()
    assert (await shown(kit, item)).endswith(" ^…")
    await kit.press("olga", await kit.card_of(item), c.Take)
    preview = await shown(kit, item)
    assert preview.endswith(" ^OL")
    assert await published(kit, item) == preview


async def test_while_nobody_has_it_they_are_of_whoever_publishes_it(kit: DeskKit) -> None:
    item = await kit.comment()
    preview = await shown(kit, item)
    assert await published(kit, item) == preview.replace("…", "BX")


async def test_an_editor_opens_with_ones_own_and_no_text_has_two(kit: DeskKit) -> None:
    item = await kit.comment()
    await kit.press("olga", await kit.card_of(item), c.SaveDraft, "On its way. ^…")
    card = await kit.card_of(item)
    page = await kit.desk.view(EditorQuery(card.key), kit.who("bob"))
    assert page.text == "On its way. ^BX"
    assert (await kit.press("bob", card, c.ApproveEdited, f"{page.text} ^OL")).is_done
    await kit.pass_time(20)
    assert kit.network.visible[-1].text == "On its way. ^BX"


async def test_initials_alone_are_no_reply(kit: DeskKit) -> None:
    card = await kit.card_of(await kit.comment())
    assert not (await kit.press("olga", card, c.SaveDraft, "^OL")).is_done


async def test_they_count_in_the_networks_limit(kit: DeskKit) -> None:
    item = await kit.comment()
    draft = (await kit.card_of(item)).draft
    assert draft is not None
    outcome = await kit.press(
        "bob", await kit.card_of(item), c.ApproveEdited, "x" * (draft.limit - 3)
    )
    assert "Too long" in outcome.says


@pytest.mark.parametrize(
    ("name", "initials"),
    [("Anna Maria Nicolau", "AN"), ("Bob", "BO"), ("Élodie-Zoé", "ÉZ"), ("42", "X")],
)
def test_initials_are_taken_from_the_name(name: str, initials: str) -> None:
    assert initials_of(name) == initials
    assert unsigned(signed("Hi.", initials)) == "Hi."
    assert unsigned("It is 2^n") == "It is 2^n"
