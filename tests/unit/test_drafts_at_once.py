"""A drafter that asks nobody drafts with the triage: the first card has its draft."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.errors import DraftingFailed
from bot.model.draft import DraftOrigin, DraftProposal, DraftRequest
from bot.model.due import DueRow, Lane
from bot.model.event import EventKind, Subject
from bot.model.ids import ItemId
from bot.services.deciding import DeskRules
from bot.services.lines import Lines
from bot.workers.items import TriageTask
from tests.fakes.desk_kit import DeskKit, desk_address, opened_desk, triager


@dataclass
class AtOnce:
    """Implements `bot.ports.DraftsAtOnce`."""

    silent: bool = False
    asked: list[DraftRequest] = field(default_factory=list)

    def draft_at_once(self, request: DraftRequest) -> DraftProposal:
        self.asked.append(request)
        if self.silent:
            raise DraftingFailed("No text fits.")
        return DraftProposal("We are sorry.", DraftOrigin.TEMPLATE, "template en/complaint")


@pytest.fixture
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    async with opened_desk(desk_address(request, tmp_path)) as kit:
        yield kit


async def triaged(kit: DeskKit, drafter: AtOnce, text: str) -> ItemId:
    await kit.take(kit.incoming(text))
    (row,) = await kit.claim(Lane.TRIAGE)
    await sort(kit, drafter, row)
    return await kit.id_of("c1")


async def sort(kit: DeskKit, drafter: AtOnce, row: DueRow) -> None:
    lines = Lines({kit.account: kit.network})
    await TriageTask(kit.store, triager(), lines, DeskRules(), drafter)(row)


async def test_the_first_card_has_its_draft_and_no_row_waits_for_one(kit: DeskKit) -> None:
    drafter = AtOnce()
    item = await triaged(kit, drafter, "My parcel never arrived. Where is it?")
    (draft,) = await kit.read(lambda tx: tx.drafts.versions(item))
    assert (draft.text, draft.version, draft.origin) == ("We are sorry.", 1, DraftOrigin.TEMPLATE)
    card = await kit.card_of(item)
    assert card.draft is not None
    assert card.draft.text == "We are sorry."
    assert card.revision == 2, "one turn for triage and draft together"
    assert await kit.claim(Lane.DRAFTS) == []
    (asked,) = drafter.asked
    assert asked.text == "My parcel never arrived. Where is it?"
    assert "delivery" in asked.intents
    kinds = [event.kind for event in await kit.read(lambda tx: tx.events.about(Subject.ITEM, item))]
    assert kinds.count(EventKind.DRAFT_SAVED) == 1


async def test_what_needs_no_reply_gets_no_draft(kit: DeskKit) -> None:
    drafter = AtOnce()
    item = await triaged(kit, drafter, "Thank you so much 🙏")
    assert drafter.asked == []
    assert await kit.read(lambda tx: tx.drafts.versions(item)) == []


async def test_where_no_text_fits_the_card_comes_without_one(kit: DeskKit) -> None:
    item = await triaged(kit, AtOnce(silent=True), "My parcel never arrived. Where is it?")
    card = await kit.card_of(item)
    assert card.draft is not None
    assert card.draft.text == ""
    assert await kit.claim(Lane.DRAFTS) == []


async def test_an_edit_is_answered_by_the_next_version(kit: DeskKit) -> None:
    drafter = AtOnce()
    item = await triaged(kit, drafter, "My parcel never arrived. Where is it?")
    await kit.take(kit.incoming("The pot arrived broken. I want a refund.", remote_id="c1"))
    (row,) = await kit.claim(Lane.TRIAGE)
    await sort(kit, drafter, row)
    first, second = await kit.read(lambda tx: tx.drafts.versions(item))
    assert (first.is_void, second.is_void, second.item_revision) == (True, False, 2)
    assert "refund" in drafter.asked[-1].intents
