"""The group-committing writer: what many callers ask at once becomes one transaction.

A commit costs a flush of the disk however much is in it. So one thread takes everything that is
queued (at most 256 units), groups it by operation, runs each operation once over all its
commands, commits once, and tells all callers in one call into the event loop. While it flushes,
the next batch gathers: the busier it is, the cheaper each unit becomes.

When a batch fails, its units are run again one by one, each in a transaction of its own, so that
only the poisoned unit gets its exception. Nothing is lost by running an operation twice: the
first run was rolled back. A conflict with another transaction, a connection that broke before
COMMIT was sent, and whatever went wrong with headway (`bot.store.headway`) lead to a repeat of the
whole batch, without headway; a COMMIT whose answer was lost, or whose flush the disk refused, does
not, for it may have happened.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any

import sqlalchemy
from sqlalchemy import Engine

from bot.errors import StoreCorrupt, StoreError, StoreUnavailable
from bot.ports import Clock
from bot.store.driver_errors import (
    explain,
    is_conflict,
    is_disk_failure,
    is_lost_connection,
)
from bot.store.headway import Headway, Taken
from bot.store.places import Places
from bot.store.tx import Tx

LARGEST_BATCH = 256
REPEATS = 3


Operation = Callable[[Tx, Sequence[Any]], Sequence[Any]]


@dataclass(slots=True, eq=False)
class Unit:
    """One command on its way; `key` keeps it out of a batch that holds the same key."""

    operation: Operation
    command: Any
    key: str | None
    future: asyncio.Future[Any]
    is_news: bool = True
    is_started: bool = False
    is_withdrawn: bool = False
    result: Any = field(default=None)
    error: BaseException | None = field(default=None)


@dataclass(frozen=True, slots=True)
class Change:
    """What a commit left for the loops: rows that it took up, whether to look for others, and
    whether it did anything that somebody may wait for.
    """

    taken: tuple[Taken, ...]
    is_stirred: bool
    is_news: bool


class Inbox:
    """What waits to be written, as it was handed in; shared by all writers. None is the end."""

    def __init__(self) -> None:
        self._units: SimpleQueue[Sequence[Unit] | None] = SimpleQueue()
        self._lock = threading.Lock()
        self.put = self._units.put
        self.take = self._units.get

    def withdraw(self, unit: Unit) -> bool:
        """Take a unit back, unless it has been started: True when it will never be run."""
        with self._lock:
            unit.is_withdrawn = not unit.is_started
            return unit.is_withdrawn

    def start(self, batch: Sequence[Unit]) -> list[Unit]:
        """The units still wanted; from here on they can no longer be withdrawn."""
        with self._lock:
            live = [unit for unit in batch if not unit.is_withdrawn]
            for unit in live:
                unit.is_started = True
        return live


class Writer:
    """One thread with one connection at a time. Several may share an inbox (PostgreSQL)."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        inbox: Inbox,
        deliver: Callable[[Sequence[Unit], Change | None], None],
        places: Places,
        headway: Headway,
        *,
        name: str,
        number: int = 0,
    ) -> None:
        """`deliver(finished units, what was committed)` is called from the writer's thread."""
        self._engine = engine
        self._clock = clock
        self._inbox = inbox
        self._deliver = deliver
        self._places = places
        self._headway = headway
        self._name = name
        self._connection: sqlalchemy.Connection | None = None
        self._postponed: deque[Unit] = deque()
        self._thread = threading.Thread(
            target=self._run, name=f"store-writer-{number}", daemon=True
        )

    def start(self) -> None:
        self._thread.start()

    def join(self) -> None:
        self._thread.join()

    def _run(self) -> None:
        is_open = True
        while is_open or self._postponed:
            batch, is_open = self._take(is_open)
            if batch:
                self._settle(batch)
        self._let_go()

    def _take(self, is_open: bool) -> tuple[list[Unit], bool]:
        """The next batch, and whether more may come. Waits only when there is nothing at all."""
        batch: list[Unit] = []
        keys: set[str] = set()
        waiting, self._postponed = self._postponed, deque()
        for unit in waiting:
            self._admit(unit, batch, keys)
        while is_open and len(batch) < LARGEST_BATCH and len(self._postponed) < LARGEST_BATCH:
            try:
                handed_in = self._inbox.take(block=not batch)
            except Empty:
                break
            if handed_in is None:
                is_open = False
                break
            for unit in handed_in:
                self._admit(unit, batch, keys)
        return batch, is_open

    def _admit(self, unit: Unit, batch: list[Unit], keys: set[str]) -> None:
        if unit.is_withdrawn:
            return
        if len(batch) >= LARGEST_BATCH:
            self._postponed.append(unit)
            return
        if unit.key is not None:
            if unit.key in keys:
                self._postponed.append(unit)
                return
            keys.add(unit.key)
        batch.append(unit)

    def _settle(self, batch: list[Unit]) -> None:
        """Run a batch to its end: every unit in it is delivered, whatever happens."""
        try:
            error = self._attempt(batch)
            if error is None:
                return
            live = [unit for unit in batch if not unit.is_withdrawn]
            if len(live) <= 1 or _concerns_everybody(error):
                self._fail(live, error)
                return
            for unit in live:
                alone = self._attempt([unit])
                if alone is not None:
                    self._fail([unit], alone)
        except BaseException as error:
            self._fail([unit for unit in batch if not unit.is_withdrawn], error)
            raise

    def _attempt(self, batch: Sequence[Unit]) -> BaseException | None:
        """Commit and deliver a batch, or say why it could not be."""
        error: BaseException | None = None
        for repeats in range(REPEATS):
            error, may_repeat = self._transact(batch, makes_headway=not repeats)
            if error is None:
                return None
            if not may_repeat:
                break
        return error

    def _transact(
        self, batch: Sequence[Unit], *, makes_headway: bool
    ) -> tuple[BaseException | None, bool]:
        """One transaction; the error if it failed, and whether the same batch may run again."""
        executed = committing = False
        tx: Tx | None = None
        try:
            if self._connection is None:
                self._connection = self._engine.connect()
            with self._connection.begin() as transaction:
                # only now: a caller may give up while the database is locked
                live = self._inbox.start(batch)
                tx = Tx(self._connection, self._clock, self._places)
                _execute(tx, live)
                executed = True
                taken = self._headway.make(tx) if makes_headway else tuple(map(Taken, tx.due.taken))
                committing = True
                transaction.commit()
        except Exception as error:  # noqa: BLE001 - the writer thread answers its callers, always
            self._let_go()
            if tx is not None:
                tx.due.leave_places()
            lost = is_lost_connection(error)
            if committing and (lost or is_disk_failure(error)):
                return StoreUnavailable(self._lost_commit()), False
            in_headway = executed and not committing
            may_repeat = in_headway or is_conflict(error) or lost
            return explain(error, self._name) or error, may_repeat
        is_news = any(unit.is_news for unit in live)
        change = Change(taken, is_stirred=tx.due.is_stirred, is_news=is_news)
        self._deliver(live, change if live else None)
        return None, False

    def _let_go(self) -> None:
        """The pool makes a connection fit for the next one, or replaces it."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _fail(self, units: Sequence[Unit], error: BaseException) -> None:
        for unit in units:
            unit.error = _own_copy(error)
        self._deliver(units, None)

    def _lost_commit(self) -> str:
        return (
            f"{self._name} did not say how the last commit ended, so it is not known whether the "
            "last change was stored. Try again: what was stored is not done twice."
        )


def _execute(tx: Tx, units: Iterable[Unit]) -> None:
    """Run every operation once over all its commands."""
    for operation, members in by_operation(units):
        results = operation(tx, [unit.command for unit in members])
        for unit, result in zip(members, results, strict=True):
            unit.result = result


def by_operation(units: Iterable[Unit]) -> Iterable[tuple[Operation, list[Unit]]]:
    """Units that run together, always in the same order of operations.

    Two transactions that lock what two operations need, each the other's first, would wait for
    each other until PostgreSQL ends one of them, a second later.
    """
    groups: dict[Operation, list[Unit]] = {}
    for unit in units:
        groups.setdefault(unit.operation, []).append(unit)
    return sorted(groups.items(), key=lambda group: _name(group[0]))


def _name(operation: Operation) -> str:
    return f"{operation.__module__}.{getattr(operation, '__qualname__', '')}"


def _concerns_everybody(error: BaseException) -> bool:
    """Running the units one by one would only meet the same closed door, slowly."""
    return isinstance(error, (StoreUnavailable, StoreCorrupt))


def _own_copy(error: BaseException) -> BaseException:
    # one exception raised in many tasks would collect all their tracebacks
    if not isinstance(error, StoreError):
        return error
    copy = type(error)(*error.args)
    copy.__cause__ = error
    return copy
