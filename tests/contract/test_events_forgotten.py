"""Old events are forgotten, the newest never; on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.model.due import Lane, NewDue
from bot.model.event import Event, EventKind, Subject
from bot.model.ids import DAY, BrandId, EventId, Moment
from bot.store.tx import Tx
from bot.workers import upkeep
from tests.contract.store_case import DATABASES, make_database
from tests.fakes.desk_kit import DeskKit, opened_desk

LIMIT = 4


@pytest.fixture(params=DATABASES)
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return make_database(request, tmp_path)


def tell(tx: Tx, at: int) -> None:
    tx.events.add(EventKind.ITEM_CLOSED, BrandId(1), Subject.ITEM, 1, Moment(at))


async def tidied(kit: DeskKit) -> list[Event]:
    await kit.add_due(NewDue("tidy", "tidy", Lane.ANALYTICS, kit.clock.now(), {}))
    await kit.work(Lane.ANALYTICS)
    return await kit.read(lambda tx: tx.events.after(EventId(0), 100))


async def test_events_older_than_they_are_kept_are_forgotten_however_many_they_are(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "EVENTS_AT_ONCE", LIMIT)
    async with opened_desk(address) as kit:
        start = kit.clock.now()
        for _ in range(3 * LIMIT):
            await kit.do(lambda tx: tell(tx, tx.now()))
        kit.clock.advance(1)
        await kit.do(lambda tx: tell(tx, tx.now()))
        kit.clock.jump(upkeep.KEEP_EVENTS / 1000 - 0.5)
        left = await tidied(kit)
    assert [event.at for event in left] == [start + 1000]


async def test_the_newest_event_stays_so_that_no_number_comes_twice(address: str) -> None:
    async with opened_desk(address) as kit:
        await kit.do(lambda tx: tell(tx, tx.now()))
        last = await kit.read(lambda tx: tx.events.latest())
        kit.clock.jump(2 * upkeep.KEEP_EVENTS / 1000)
        assert [event.id for event in await tidied(kit)] == [last]
        await kit.do(lambda tx: tell(tx, tx.now()))
        assert await kit.read(lambda tx: tx.events.latest()) > last
    assert upkeep.KEEP_EVENTS == 90 * DAY
