"""An approval that no undo window holds is published as its transaction knew it, and looked at."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.cards.card import CardKind
from bot.model import commands as c
from bot.model.commands import HoldKind
from bot.model.due import DueRow, Lane
from bot.model.ids import SECOND, ItemId
from bot.model.publication import PublicationState
from bot.services.deciding import DeskRules
from bot.workers.loop import LEASE
from tests.contract.store_case import DATABASES
from tests.fakes.desk_kit import DeskKit, desk_address, opened_desk

_P = PublicationState
AT_ONCE = DeskRules(undo_window=0)


@pytest.fixture(params=DATABASES)
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    address = desk_address(request, tmp_path, request.param)
    async with opened_desk(address, rules=AT_ONCE) as found:
        yield found


async def taken(kit: DeskKit) -> tuple[ItemId, DueRow]:
    """A reply that was approved, and its row as this process took it up."""
    rows: list[DueRow] = []
    kit.store.start_taken_with(lambda taken: rows.append(taken.row))
    kit.store.places.open("a loop", {Lane.PUBLISH: 1}, lambda _lane: LEASE)
    kit.store.places.caught_up(Lane.PUBLISH)
    item = await kit.comment()
    outcome = await kit.press("bob", await kit.card_of(item), c.Approve)
    assert outcome.is_done, outcome.says
    [row] = rows
    return item, row


async def test_it_leaves_without_being_read_again(
    kit: DeskKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    item, row = await taken(kit)
    assert row.at_hand == await kit.publication(item)
    with monkeypatch.context() as within:
        within.setattr(kit.store, "ask", None)
        await kit.run(row)
    assert (await kit.publication(item)).state is _P.PUBLISHED
    await kit.pass_time(60)
    assert kit.network.count("publish") == 1


@pytest.mark.parametrize(
    "changed", [c.Pause((HoldKind.REPLIES,)), c.WatchOnly("acme"), c.Shadow("acme")]
)
async def test_what_was_said_since_is_seen_by_the_last_look(
    kit: DeskKit, changed: c.Pause | c.WatchOnly | c.Shadow
) -> None:
    _item, row = await taken(kit)
    assert (await kit.order("ada", changed)).is_done
    await kit.run(row)
    await kit.pass_time(60)
    assert kit.network.visible == []


async def test_what_somebody_stopped_since_is_not_sent(kit: DeskKit) -> None:
    item, row = await taken(kit)
    assert (await kit.press("bob", await kit.card_of(item), c.Stop)).is_done
    await kit.run(row)
    await kit.pass_time(60)
    assert kit.network.visible == []
    assert (await kit.publication(item)).state is _P.CANCELLED


async def test_whoever_claims_it_after_a_death_reads_it(kit: DeskKit) -> None:
    item, _row = await taken(kit)
    kit.clock.advance(LEASE / SECOND + 1)
    [row] = await kit.claim(Lane.PUBLISH)
    assert row.at_hand is None
    await kit.run(row)
    assert (await kit.publication(item)).state is _P.PUBLISHED
    card = await kit.token_of(item, CardKind.ITEM)
    assert (await kit.card(card)).links
