"""The claiming loop: takes due rows, runs their tasks, keeps their leases, records how they end.

A task does its network work outside any transaction and ends with one operation of its own that
finishes its row. What it raises is recorded here by the class of the error (`failing`). Each
lane has concurrency of its own, so that a slow network never delays a click. Leases are renewed
from this loop: when it is blocked it loses them, when a task is slow it does not.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from bot.errors import StoreError
from bot.logs import get_logger
from bot.metrics import Metrics
from bot.model.due import DueRow, Lane
from bot.model.ids import SECOND, DueId
from bot.ports import Bell, Clock, Wakeup
from bot.store.headway import GoOn, Makes, Taken
from bot.store.store import Store
from bot.store.tx import Tx
from bot.workers.failing import Failed, Failing

Task = Callable[[DueRow], Awaitable[None]]


@runtime_checkable
class MakesHeadway(Protocol):
    """A task of which the first part may be done in the transaction that writes its row."""

    def make_headway(self, tx: Tx, rows: Sequence[DueRow]) -> Sequence[GoOn | None]:
        """As `bot.store.headway.Makes`."""
        ...


CONCURRENCY: Mapping[Lane, int] = {
    Lane.PAGES: 8,
    Lane.PUBLISH: 16,
    Lane.CARDS: 32,
    Lane.DRAFTS: 32,
    Lane.POLLS: 8,
    Lane.ANALYTICS: 2,
    Lane.STREAMS: 64,
    Lane.REDRAWS: 16,
    Lane.TRIAGE: 48,
    Lane.THREADS: 4,
}
"""Rows of one lane that are worked on at once; those that end together share their statements."""
LEASE = 30 * SECOND
STREAM_LEASE = 8 * SECOND
PAGE_LEASE = 4 * SECOND
"""Short, so that whoever outlives a process pages soon."""
IDLE_SECONDS = 5.0
"""The longest nap; a commit or the next due row ends it earlier."""

STOP_SECONDS = 2.0
"""How long tasks in flight may finish when the desk stops."""


_LEASES = {Lane.STREAMS: STREAM_LEASE, Lane.PAGES: PAGE_LEASE}


def lease_of(lane: Lane, usual: int) -> int:
    return _LEASES.get(lane, usual)


@dataclass(frozen=True, slots=True)
class Claim:
    free: Mapping[Lane, int]
    owner: str
    running: tuple[DueId, ...]
    lease: int = LEASE


@dataclass(frozen=True, slots=True)
class Renewal:
    owner: str
    rows: tuple[DueRow, ...]
    lease: int


def claim(tx: Tx, commands: Sequence[Claim]) -> list[list[DueRow]]:
    return [
        [
            row
            for lane, limit in sorted(command.free.items())
            for row in tx.due.claim(
                lane,
                limit,
                lease=lease_of(lane, command.lease),
                owner=command.owner,
                running=command.running,
            )
        ]
        for command in commands
    ]


def renew(tx: Tx, commands: Sequence[Renewal]) -> list[set[DueId]]:
    return [tx.due.renew(command.owner, command.rows, command.lease) for command in commands]


def pull_in(tx: Tx, commands: Sequence[None]) -> list[None]:
    tx.due.pull_in()
    return [None] * len(commands)


def hand_back(tx: Tx, commands: Sequence[Renewal]) -> list[None]:
    for command in commands:
        tx.due.hand_back(command.owner, command.rows)
    return [None] * len(commands)


class WorkLoop:
    """`tasks` by kind of row. An unknown kind waits: a newer process may know it.

    `lease` is milliseconds; connections have a shorter one of their own.
    """

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
        lease: int = LEASE,
    ) -> None:
        self._store = store
        self._clock = clock
        self._wakeup = wakeup
        self._tasks = tasks
        self._metrics = metrics
        self._owner = owner
        self._concurrency = concurrency
        self._lease = lease
        self._failing = Failing(store, clock)
        self._running: dict[DueId, tuple[DueRow, asyncio.Task[None]]] = {}
        self._places = store.places
        self._is_ending = False
        self._too_late: list[DueRow] = []
        self._hands_apart = self._between_hands()
        self._log = get_logger("workers")

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set; then tasks in flight get a moment, and leases are handed back."""
        async with self._wakeup.bell() as bell:
            renewing = asyncio.create_task(self._keep_leases(), name="leases")
            ending = asyncio.create_task(self._end_nap(stop), name="end-nap")
            try:
                self._store.start_taken_with(self._begin_taken, self._headway())
                self._places.open(self._owner, self._concurrency, self._lease_of)
                while not stop.is_set():
                    await self._round(bell)
            finally:
                self._places.close()
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
            ready, later = await self._store.read(lambda tx: tx.due.ready(list(self._concurrency)))
            if await self._claim(ready):
                return
            if later is not None:
                nap = min(nap, max(0.001, (later - self._clock.now()) / SECOND))
        except StoreError as error:
            self._log.warning("store_unavailable", says=str(error))
            nap = 1.0
        await bell.wait(nap)

    async def _claim(self, ready: Collection[Lane]) -> bool:
        """Take what lanes with free places have ready; whether there was anything."""
        for lane in self._concurrency.keys() - ready:
            self._places.caught_up(lane)
        free = self._places.worth_claiming()
        wanted = {lane: free[lane] for lane in ready if lane in free}
        if not wanted:
            return False
        command = Claim(wanted, self._owner, tuple(self._running), self._lease)
        rows = await self._store.write(claim, command)  # which are begun by `_begin_taken`
        found = Counter(row.lane for row in rows)
        for lane, places in wanted.items():
            if found[lane] < places:
                self._places.caught_up(lane)
        return bool(rows)

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

    def _lease_of(self, lane: Lane) -> int:
        return lease_of(lane, self._lease)

    def _headway(self) -> Mapping[str, Makes]:
        tasks: Mapping[str, object] = self._tasks
        return {
            kind: task.make_headway
            for kind, task in tasks.items()
            if isinstance(task, MakesHeadway)
        }

    def _begin_taken(self, taken: Taken) -> None:
        """A row that was claimed, or taken up as it was written."""
        if self._is_ending:
            self._too_late.append(taken.row)
        else:
            self._start(taken.row, taken.go_on)

    def _start(self, row: DueRow, go_on: GoOn | None = None) -> None:
        task = asyncio.create_task(self._supervise(row, go_on), name=f"{row.kind}:{row.id}")
        self._running[row.id] = (row, task)
        task.add_done_callback(lambda _done: self._ended(row))

    def _ended(self, row: DueRow) -> None:
        running = self._running.get(row.id)
        if running is not None and running[0] is row:  # it may have been taken up again already
            del self._running[row.id]
        if self._places.leave(row.lane):
            self._wakeup.ring()

    async def _supervise(self, row: DueRow, go_on: GoOn | None) -> None:
        """The supervisor: whatever a task raises becomes a recorded failure, never a lost row."""
        begun = self._clock.monotonic()
        outcome = "done"
        try:
            task = self._tasks.get(row.kind)
            if go_on is not None:
                await go_on()
            elif task is None:
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
        for beat in itertools.count():
            await asyncio.sleep(PAGE_LEASE / SECOND / 4)
            try:
                await self._renew_all(only_pages=bool(beat % 2))
            except StoreError as error:
                self._log.warning("leases_not_renewed", says=str(error))

    async def _renew_all(self, *, only_pages: bool) -> None:
        """Those of pages every second, all others every other one."""
        by_lease: dict[int, list[DueRow]] = {}
        for row, _task in self._running.values():
            if row.lane is Lane.PAGES or not only_pages:
                by_lease.setdefault(lease_of(row.lane, self._lease), []).append(row)
        for lease, rows in by_lease.items():
            await self._renew(Renewal(self._owner, tuple(rows), lease))

    async def _renew(self, renewal: Renewal) -> None:
        kept = await self._store.write(renew, renewal, is_news=False)
        for row in renewal.rows:
            lost = self._running.get(row.id)
            if row.id not in kept and lost is not None and await self._is_lost(row):
                self._log.warning("lease_lost", key=row.key)
                lost[1].cancel()

    async def _is_lost(self, row: DueRow) -> bool:
        """A finished row is not a lost one: its task is only just ending."""
        return await self._store.read(lambda tx: tx.due.is_claimed_by_other(row, self._owner))

    async def _wind_down(self) -> None:
        self._is_ending = True
        running = list(self._running.values())
        tasks = [task for _row, task in running]
        for row, task in running:
            if row.lane is Lane.STREAMS:
                # It stays open for ever: nobody waits for its end.
                task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=STOP_SECONDS)
        left = [row for row, task in running if row.lane is Lane.STREAMS or not task.done()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        # A publication whose request may have left keeps its lease: only looking can tell.
        safe = (*(row for row in left if row.kind != "publish"), *self._too_late)
        if safe:
            try:
                await self._store.write(hand_back, Renewal(self._owner, safe, 0))
            except StoreError as error:
                self._log.warning("leases_not_handed_back", says=str(error))
