"""Search finds what was said, drafted and answered, for its own brand alone; on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import delete

from bot.cards.pages import SearchQuery
from bot.model import commands as c
from bot.model.ids import RemoteId
from bot.services.forgetting import Forget, forget
from bot.store.schema import search_progress, search_text
from bot.workers import indexing
from tests.contract.store_case import DATABASES
from tests.fakes.desk_kit import DeskKit, desk_address, opened_desk


@pytest.fixture(params=DATABASES)
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    async with opened_desk(desk_address(request, tmp_path, request.param)) as kit:
        yield kit


@pytest.fixture(autouse=True)
async def _begun(kit: DeskKit) -> None:
    """The index is there before anything is said."""
    await kit.index()


async def found(kit: DeskKit, words: str, who: str = "bob") -> list[int]:
    page = await kit.desk.view(SearchQuery(words), kit.who(who))
    assert page.total == len(page.cards)
    return [card.number for card in page.cards]


async def test_it_finds_words_by_their_beginnings_without_case_and_accents(
    kit: DeskKit,
) -> None:
    tea = await kit.comment("Where can I buy the GREEN tea in Besançon?")
    refund = await kit.comment("Vreau banii înapoi, ceaiul verde e rău")
    told = await kit.comment("Где мой заказ? Ёлка не пришла")
    await kit.index()
    assert await found(kit, "green besancon") == [tea]
    assert await found(kit, "BANII inapo") == [refund]
    assert await found(kit, "елка") == [told]
    assert await found(kit, f"#{tea}") == [tea]
    assert await found(kit, "green banii") == []
    for nothing in ("", "?!", '"', "' OR 1=1 --", "NEAR(", "green*)"):
        assert await found(kit, nothing) in ([], [tea])


async def test_the_newest_come_first_and_what_was_answered_is_found_by_the_answer(
    kit: DeskKit,
) -> None:
    first, second = await kit.comment("Is it vegan?"), await kit.comment("Vegan too?")
    card = await kit.card_of(first)
    answer = "Every blend is plant based, zanzibar included."
    assert (await kit.press("bob", card, c.ApproveEdited, answer)).is_done
    kit.clock.advance(11)
    await kit.work()
    await kit.index()
    assert await found(kit, "vegan") == [second, first]
    assert await found(kit, "zanzibar") == [first]


async def test_what_an_author_changed_is_found_by_its_new_words_alone(
    kit: DeskKit,
) -> None:
    item = await kit.comment("The parcel is lost", remote_id=RemoteId("c9"))
    await kit.index()
    await kit.take(kit.incoming("The parcel arrived, thanks", remote_id=RemoteId("c9")))
    await kit.work()
    await kit.index()
    assert await found(kit, "parcel arrived") == [item]
    assert await found(kit, "lost") == []


async def test_what_is_forgotten_is_not_found_from_that_moment(
    kit: DeskKit,
) -> None:
    item = await kit.comment("My name is Rumpelstiltskin")
    await kit.index()
    assert await found(kit, "rumpel") == [item]
    author = (await kit.read(lambda tx: tx.items.wholes([item])))[item].author
    assert (await kit.store.write(forget, Forget(author.id))).is_done
    assert await found(kit, "rumpel") == []
    await kit.index()
    assert await found(kit, "rumpel") == []


async def test_items_from_before_the_index_are_taken_up(
    kit: DeskKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "AT_ONCE", 2)
    items = [await kit.comment(f"Oolong {number}") for number in range(5)]
    await kit.do(lambda tx: tx.connection.execute(delete(search_progress)))
    await kit.do(lambda tx: tx.connection.execute(delete(search_text)))
    await kit.index()
    assert await found(kit, "oolong") == items[::-1]


async def test_a_stranger_finds_nothing(kit: DeskKit) -> None:
    await kit.comment("Where is the green tea?")
    await kit.index()
    assert await found(kit, "green", "nobody") == []
