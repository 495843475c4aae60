"""Due rows a second that the real work loop claims, runs and finishes, when the task does nothing.

A task ends with the write that finishes its row, as every task of the desk does. The rows lie in
the lanes that a flood fills, each with its usual places and as many rows for each place.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence

from bot.model.due import DueRow, Lane, NewDue
from bot.model.ids import Moment
from bot.store.store import Store
from bot.store.tx import Tx
from bot.workers.loop import CONCURRENCY
from tests.benchmarks.house import House, house_on
from tests.benchmarks.result import Measure
from tests.benchmarks.stage import POSTGRES, SQLITE, bench_databases

ROUNDS = 3
FOR_EACH_PLACE = 100
LANES = {
    lane: CONCURRENCY[lane]
    for lane in (Lane.TRIAGE, Lane.DRAFTS, Lane.CARDS, Lane.REDRAWS, Lane.PUBLISH)
}
TOGETHER = 500
BOUNDS = {SQLITE: (5_000.0, 15_000.0), POSTGRES: (3_000.0, 6_000.0)}


async def measure() -> AsyncIterator[Measure]:
    for kind in (SQLITE, POSTGRES):
        with bench_databases(kind) as (address, _floor):
            async with house_on(address) as house:
                await _drained_per_second(house, 5)
                rounds = [await _drained_per_second(house, FOR_EACH_PLACE) for _ in range(ROUNDS)]
                left = sum((await house.store.read(lambda tx: tx.due.depth())).values())
        assert not left, f"{left} rows are left"
        gate, goal = BOUNDS[kind]
        yield Measure(
            f"drain.{kind}",
            "due rows of a task that does nothing, drained",
            "rows/s",
            "higher",
            gate,
            goal,
            tuple(rounds),
            {"rows": FOR_EACH_PLACE * sum(LANES.values()), "left": left},
        )


class Nothing:
    """A task that only finishes its row; `done` is set by the last of them."""

    def __init__(self, store: Store, rows: int) -> None:
        self.done = asyncio.Event()
        self.ended = 0.0
        self._store = store
        self._left = rows

    async def __call__(self, row: DueRow) -> None:
        assert await self._store.write(_finish, row), f"{row.key} was claimed twice"
        self._left -= 1
        if not self._left:
            self.ended = time.perf_counter()
            self.done.set()


def _finish(tx: Tx, rows: Sequence[DueRow]) -> list[bool]:
    return tx.due.finish(rows)


async def _drained_per_second(house: House, for_each_place: int) -> float:
    rows = [
        NewDue("nothing", f"nothing:{lane}:{number}", lane, Moment(house.clock.now()), {})
        for lane, places in LANES.items()
        for number in range(places * for_each_place)
    ]
    for start in range(0, len(rows), TOGETHER):
        await house.store.write(_add, rows[start : start + TOGETHER])
    task = Nothing(house.store, len(rows))
    begin = time.perf_counter()
    await house.worked({"nothing": task}, LANES, task.done)
    return len(rows) / (task.ended - begin)


def _add(tx: Tx, commands: Sequence[Sequence[NewDue]]) -> list[None]:
    for rows in commands:
        tx.due.add(rows)
    return [None] * len(commands)
