"""The process that dies: `python -m tests.chaos.clocks.child`, told what to do as JSON on stdin.

It opens the stores that it is told of, each with the real claiming loop in a thread of its own, at
the moment at which their clocks strike. At a point it stands still, says so in a line, and waits
for whoever kills it. On SQLite it first takes over what a dead process held, as every start does:

    claimed       the row is claimed, and its task has not begun
    uncommitted   in the transaction that finishes the row, before its COMMIT
    committed     after that COMMIT, before anybody hears of it
    finish        nowhere: it works, and says what came of it

`uncommitted:1` is before the first COMMIT of the task, whether or not it finishes the row.
"""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event

from bot.coordination.wakeup import LocalWakeup
from bot.metrics import Metrics
from bot.model.due import DueRow
from bot.workers.loop import CONCURRENCY, Task, WorkLoop
from tests.chaos.clocks.kept import keep_world
from tests.chaos.clocks.table import CLOCKS, LANES, opened
from tests.chaos.kth_time import Hourglass
from tests.fakes.desk_kit import DeskClock, DeskKit

CLAIMED, UNCOMMITTED, COMMITTED, FINISH = "claimed", "uncommitted", "committed", "finish"
LONG_ENOUGH = 120.0
"""Seconds of the desk's time."""
_saying = threading.Lock()


@dataclass(frozen=True, slots=True)
class Scene:
    """One desk: the clock that was set there, its store, its world, and when it strikes."""

    clock: str
    address: str
    world: str
    at: int

    def as_json(self) -> dict[str, Any]:
        return {"clock": self.clock, "address": self.address, "world": self.world, "at": self.at}


def say(clock: str, *struck: int) -> None:
    with _saying:
        sys.stdout.write(json.dumps([clock, *struck]) + "\n")
        sys.stdout.flush()


def stand_still(clock: str) -> None:
    """For ever, in whatever thread this is."""
    say(clock)
    threading.Event().wait()


@dataclass(slots=True)
class Trap:
    """Holds the row of one kind at a point; `number` counts commits, 0 is the one that finishes."""

    scene: Scene
    when: str
    number: int
    row: DueRow | None = None
    is_finishing: bool = False
    commits: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def around(self, task: Task) -> Task:
        async def run(row: DueRow) -> None:
            if self.when == CLAIMED:
                stand_still(self.scene.clock)
            self.row = row
            await task(row)
            self.row = None
            if self.number:  # it had fewer commits
                say(self.scene.clock)

        return run

    def on_commit(self, connection: Connection) -> None:
        """In a writer's thread, before COMMIT is sent."""
        row = self.row
        if row is None:
            return
        found = connection.exec_driver_sql(
            f"SELECT count(*) FROM due WHERE id = {row.id} AND claim = {row.claim}"
            " AND owner IS NOT NULL"
        )
        with self._lock:
            self.commits += 1
            is_last = found.scalar_one() == 0
            is_it = is_last if self.number == 0 else self.commits == self.number
        if is_it and self.when == UNCOMMITTED:
            stand_still(self.scene.clock)
        self.is_finishing = is_it

    def after_commit(self) -> None:
        """In the event loop, before whoever asked for the commit goes on."""
        if self.is_finishing and self.when == COMMITTED:
            stand_still(self.scene.clock)


async def play(scene: Scene, when: str) -> None:
    clock = CLOCKS[scene.clock]
    async with opened(scene.address, clock.rules, DeskClock(scene.at)) as kit:
        keep_world(kit, Path(scene.world))
        if scene.address.startswith("sqlite"):  # whoever held these leases is dead
            await kit.do(lambda tx: tx.due.release())
        if when == FINISH:
            await _finish(kit, scene)
            return
        point, _, number = when.partition(":")
        trap = Trap(scene, point, int(number or 0))
        event.listen(kit.store._writing, "commit", trap.on_commit)
        kit.store.on_commit(trap.after_commit)
        tasks = {**kit.tasks, clock.kind: trap.around(kit.tasks[clock.kind])}
        wakeup = LocalWakeup()
        kit.store.on_commit(wakeup.ring)
        await _loop(kit, tasks, wakeup).run(asyncio.Event())


async def _finish(kit: DeskKit, scene: Scene) -> None:
    """Says how often it struck before this process, with it, and long after."""
    struck = CLOCKS[scene.clock].struck
    seen = [await struck(kit)]
    glass, stop = Hourglass(kit.clock), asyncio.Event()
    kit.store.on_commit(glass.ring)
    working = asyncio.create_task(_loop(kit, kit.tasks, glass).run(stop))
    await glass.pass_by(LONG_ENOUGH)
    seen.append(await struck(kit))
    await glass.pass_by(LONG_ENOUGH)
    seen.append(await struck(kit))
    stop.set()
    glass.ring()
    await working
    say(scene.clock, *seen)


def _loop(kit: DeskKit, tasks: Any, wakeup: Any) -> WorkLoop:
    places = {lane: CONCURRENCY[lane] for lane in LANES}
    return WorkLoop(
        kit.store, kit.clock, wakeup, tasks, Metrics(), owner=f"child-{id(kit)}", concurrency=places
    )


def main() -> None:
    told = json.loads(sys.stdin.readline())
    scenes = [Scene(**one) for one in told["scenes"]]

    def runs(scene: Scene) -> Callable[[], None]:
        return lambda: asyncio.run(play(scene, told["when"]))

    threads = [threading.Thread(target=runs(scene)) for scene in scenes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
