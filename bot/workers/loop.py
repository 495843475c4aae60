"""The claiming loop: takes due rows, runs their tasks, keeps their leases, records how they end.

A task does its network work outside any transaction and ends with one operation of its own that
finishes its row. What it raises is recorded here by the class of the error (`failing`). Each
lane has concurrency of its own, so that a slow network never delays a click. Leases are renewed
from this loop: when it is blocked it loses them, when a task is slow it does not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.errors import StoreError
from bot.logs import get_logger
from bot.metrics import Metrics
from bot.model.due import DueRow, Lane
from bot.model.ids import SECOND, DueId
from bot.ports import Bell, Clock, Wakeup
from bot.store.store import Store
from bot.store.tx import Tx
from bot.workers.failing import Failed, Failing

Task = Callable[[DueRow], Awaitable[None]]

CONCURRENCY: Mapping[Lane, int] = {
    Lane.PAGES: 8,
    Lane.PUBLISH: 16,
    Lane.CARDS: 16,
    Lane.DRAFTS: 32,
    Lane.POLLS: 8,
    Lane.ANALYTICS: 2,
    Lane.STREAMS: 64,
}
LEASE = 30 * SECOND
STREAM_LEASE = 8 * SECOND
IDLE_SECONDS = 5.0
"""The longest nap; a commit or the next due row ends it earlier."""

STOP_SECONDS = 2.0
"""How long tasks in flight may finish when the desk stops."""


def lease_of(lane: Lane) -> int:
    return STREAM_LEASE if lane is Lane.STREAMS else LEASE


@dataclass(frozen=True, slots=True)
class Claim:
    free: Mapping[Lane, int]
    owner: str
    running: tuple[DueId, ...]


@dataclass(frozen=True, slots=True)
class Renewal:
    owner: str
    ids: tuple[DueId, ...]
    lease: int


def claim(tx: Tx, commands: Sequence[Claim]) -> list[list[DueRow]]:
    return [
        [
            row
            for lane, limit in sorted(command.free.items())
            for row in tx.due.claim(
                lane, limit, lease=lease_of(lane), owner=command.owner, running=command.running
            )
        ]
        for command in commands
    ]


def renew(tx: Tx, commands: Sequence[Renewal]) -> list[set[DueId]]:
    return [tx.due.renew(command.owner, command.ids, command.lease) for command in commands]


def pull_in(tx: Tx, commands: Sequence[None]) -> list[None]:
    tx.due.pull_in()
    return [None] * len(commands)


def hand_back(tx: Tx, commands: Sequence[Renewal]) -> list[None]:
    for command in commands:
        tx.due.hand_back(command.owner, command.ids)
    return [None] * len(commands)


class WorkLoop:
    """`tasks` by kind of row. An unknown kind waits: a newer process may know it."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        wakeup: Wakeup,
        tasks: Mapping[str, Task],
        metrics: Metrics,
        *,
        owner: str,
        concurrency: Mapping[Lane, int] = CONCURRENCY,
    ) -> None:
        self._store = store
        self._clock = clock
        self._wakeup = wakeup
        self._tasks = tasks
        self._metrics = metrics
        self._owner = owner
        self._concurrency = concurrency
        self._failing = Failing(store, clock)
        self._running: dict[DueId, tuple[DueRow, asyncio.Task[None]]] = {}
        self._hands_apart = self._between_hands()
        self._log = get_logger("workers")

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set; then tasks in flight get a moment, and leases are handed back."""
        async with self._wakeup.bell() as bell:
            renewing = asyncio.create_task(self._keep_leases(), name="leases")
            ending = asyncio.create_task(self._end_nap(stop), name="end-nap")
            try:
                while not stop.is_set():
                    await self._round(bell)
            finally:
                renewing.cancel()
                ending.cancel()
                await self._wind_down()

    async def _end_nap(self, stop: asyncio.Event) -> None:
        """Whoever stops the desk does not wait until something is due."""
        await stop.wait()
        self._wakeup.ring()

    async def _round(self, bell: Bell) -> None:
        """Claim what is due, or nap until something is."""
        nap = IDLE_SECONDS
        try:
            await self._mind_the_clock()
            free = self._free()
            ready, later = await self._store.read(lambda tx: tx.due.ready(list(free)))
            wanted = {lane: free[lane] for lane in ready if lane in free}
            if wanted:
                claim_ = Claim(wanted, self._owner, tuple(self._running))
                rows = await self._store.write(claim, claim_)
                for row in rows:
                    self._start(row)
                if rows:
                    return
            if later is not None:
                nap = min(nap, max(0.001, (later - self._clock.now()) / SECOND))
        except StoreError as error:
            self._log.warning("store_unavailable", says=str(error))
            nap = 1.0
        await bell.wait(nap)

    async def _mind_the_clock(self) -> None:
        """When the wall clock is set back, what recurs would sleep until it is late again."""
        apart = self._between_hands()
        if apart < self._hands_apart - SECOND:
            self._log.warning("clock_set_back", seconds=(self._hands_apart - apart) // SECOND)
            await self._store.write(pull_in, None)
        self._hands_apart = apart

    def _between_hands(self) -> int:
        """Milliseconds from the monotonic clock to the wall's: it changes when time is set."""
        return self._clock.now() - int(self._clock.monotonic() * SECOND)

    def _free(self) -> dict[Lane, int]:
        """Free places of the lanes that are worth claiming for.

        A busy lane is claimed for again when a quarter of it is free: one commit for several
        rows instead of one for each that ends.
        """
        used: dict[Lane, int] = {}
        for row, _task in self._running.values():
            used[row.lane] = used.get(row.lane, 0) + 1
        return {
            lane: limit - used.get(lane, 0)
            for lane, limit in self._concurrency.items()
            if limit - used.get(lane, 0) >= max(1, limit // 4)
        }

    def _start(self, row: DueRow) -> None:
        task = asyncio.create_task(self._supervise(row), name=f"{row.kind}:{row.id}")
        self._running[row.id] = (row, task)
        task.add_done_callback(lambda _done: self._ended(row))

    def _ended(self, row: DueRow) -> None:
        self._running.pop(row.id, None)
        self._wakeup.ring()

    async def _supervise(self, row: DueRow) -> None:
        """The supervisor: whatever a task raises becomes a recorded failure, never a lost row."""
        begun = self._clock.monotonic()
        outcome = "done"
        try:
            task = self._tasks.get(row.kind)
            if task is None:
                outcome = "unknown_kind"
                await self._failing.postpone(row)
            else:
                await task(row)
        except Exception as error:  # noqa: BLE001 - the supervisor
            outcome = "failed"
            self._log.warning(
                "task_failed", kind=row.kind, key=row.key, error=type(error).__name__,
                says=str(error), attempt=row.attempt,
            )  # fmt: skip
            await self._record(row, error)
        finally:
            self._metrics.task_ended(row.kind, outcome, self._clock.monotonic() - begun)

    async def _record(self, row: DueRow, error: Exception) -> None:
        try:
            await asyncio.shield(self._failing.record(Failed(row, error)))
        except StoreError as lost:
            # The lease runs out and somebody claims the row again: nothing is lost.
            self._log.warning("failure_not_recorded", key=row.key, says=str(lost))

    async def _keep_leases(self) -> None:
        while True:
            await asyncio.sleep(STREAM_LEASE / SECOND / 4)
            try:
                await self._renew_all()
            except StoreError as error:
                self._log.warning("leases_not_renewed", says=str(error))

    async def _renew_all(self) -> None:
        for lane_lease in (LEASE, STREAM_LEASE):
            ids = tuple(
                row.id for row, _t in self._running.values() if lease_of(row.lane) == lane_lease
            )
            if ids:
                await self._renew(Renewal(self._owner, ids, lane_lease))

    async def _renew(self, renewal: Renewal) -> None:
        kept = await self._store.write(renew, renewal)
        for due_id in set(renewal.ids) - kept:
            lost = self._running.get(due_id)
            if lost is not None and await self._is_lost(lost[0]):
                self._log.warning("lease_lost", key=lost[0].key)
                lost[1].cancel()

    async def _is_lost(self, row: DueRow) -> bool:
        """A finished row is not a lost one: its task is only just ending."""
        return await self._store.read(lambda tx: tx.due.is_claimed_by_other(row, self._owner))

    async def _wind_down(self) -> None:
        tasks = [task for _row, task in self._running.values()]
        if tasks:
            await asyncio.wait(tasks, timeout=STOP_SECONDS)
        left = [row for row, task in self._running.values() if not task.done()]
        for _row, task in list(self._running.values()):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        # A publication whose request may have left keeps its lease: only looking can tell.
        safe = tuple(row.id for row in left if row.kind != "publish")
        if safe:
            try:
                await self._store.write(hand_back, Renewal(self._owner, safe, 0))
            except StoreError as error:
                self._log.warning("leases_not_handed_back", says=str(error))
