"""The stored items of a benchmark are rows that the desk could have written itself."""

from __future__ import annotations

import sqlite3
from collections import Counter
from pathlib import Path

from bot.coordination.clock import SystemClock
from bot.model.ids import CardToken, ItemId
from bot.model.item import ItemState
from tests.benchmarks.filler import desk_at, fill, live

SAMPLE, ITEMS = 10, 40


async def test_copies_are_items_that_the_desk_reads_and_goes_on_from(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    now = SystemClock().now()
    await fill(path, ITEMS, SAMPLE, now)
    async with desk_at(path, now) as kit:
        items = [await kit.item(ItemId(number)) for number in range(1, ITEMS + 1)]
        ends = Counter(item.state for item in items)
        assert ends == {ItemState.ANSWERED: 8, ItemState.CLOSED: 12, ItemState.QUIET: 20}
        assert len({item.remote_id for item in items}) == ITEMS
        assert [item.published_at for item in items] == sorted({one.published_at for one in items})
        tokens = {await kit.token_of(item.id) for item in items}
        assert len(tokens) == ITEMS
        last = next(item for item in reversed(items) if item.state is ItemState.ANSWERED)
        publication = await kit.publication(last.id)
        assert publication.item_id == last.id
        token = CardToken(await kit.token_of(last.id))
        assert (await kit.history_of(token)).lines
        await live(kit, 10**12)
        await live(kit, 10**12 + 5)


async def test_no_row_of_a_copy_refers_to_nothing(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    await fill(path, ITEMS, SAMPLE, SystemClock().now())
    with sqlite3.connect(path) as database:
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
