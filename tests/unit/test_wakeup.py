"""Bells, and what rings them."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

from bot.coordination.wakeup import LocalWakeup, poll, watch
from bot.store.data_version import DataVersion
from tests.patience import PATIENCE

FOR_EVER = 3_600.0


async def test_a_ring_wakes_everybody_who_waits() -> None:
    wakeup = LocalWakeup()
    async with wakeup.bell() as one, wakeup.bell() as other:
        waits = [asyncio.create_task(bell.wait(FOR_EVER)) for bell in (one, other)]
        await asyncio.sleep(0)
        wakeup.ring()
        await asyncio.wait_for(asyncio.gather(*waits), PATIENCE)


async def test_a_ring_between_two_waits_is_kept_once() -> None:
    wakeup = LocalWakeup()
    async with wakeup.bell() as bell:
        wakeup.ring()
        wakeup.ring()
        await asyncio.wait_for(bell.wait(FOR_EVER), PATIENCE)
        again = asyncio.create_task(bell.wait(FOR_EVER))
        done, _ = await asyncio.wait([again], timeout=0.02)
        assert not done
        wakeup.ring()
        await asyncio.wait_for(again, PATIENCE)


async def test_a_wait_without_a_ring_ends_after_its_time() -> None:
    async with LocalWakeup().bell() as bell:
        await asyncio.wait_for(bell.wait(0.001), PATIENCE)


async def test_a_bell_that_was_put_away_does_not_ring() -> None:
    wakeup = LocalWakeup()
    async with wakeup.bell() as bell:
        pass
    wakeup.ring()
    waiting = asyncio.create_task(bell.wait(FOR_EVER))
    done, _ = await asyncio.wait([waiting], timeout=0.02)
    waiting.cancel()
    assert not done


async def test_a_commit_of_another_process_rings(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    neighbour = sqlite3.connect(path, isolation_level=None)
    neighbour.execute("PRAGMA journal_mode = WAL")
    neighbour.execute("CREATE TABLE jotting (word TEXT)")
    wakeup = LocalWakeup()
    with DataVersion(path) as version:
        watching = asyncio.create_task(watch(wakeup, version, 0.001))
        async with wakeup.bell() as bell:
            waiting = asyncio.create_task(bell.wait(FOR_EVER))
            done, _ = await asyncio.wait([waiting], timeout=0.03)
            assert not done
            neighbour.execute("INSERT INTO jotting VALUES ('one')")
            await asyncio.wait_for(waiting, PATIENCE)
        watching.cancel()
    neighbour.close()


async def test_polling_rings_at_a_steady_pace() -> None:
    wakeup = LocalWakeup()
    polling = asyncio.create_task(poll(wakeup, 0.001))
    async with wakeup.bell() as bell:
        for _ in range(3):
            await asyncio.wait_for(bell.wait(FOR_EVER), PATIENCE)
    polling.cancel()
