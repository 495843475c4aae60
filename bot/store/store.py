"""The store as the desk sees it: `write` returns when it is durable, `read` never writes.

Operations are plain functions that run in the store's own threads, so no transaction can span
an await: there is no event loop inside one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeVar, cast

from sqlalchemy import Engine

from bot.errors import StoreUnavailable
from bot.ports import Clock
from bot.store.database import (
    POSTGRES_WRITERS,
    Database,
    parse,
    reading_engine,
    writing_engine,
)
from bot.store.deadlines import Deadlines
from bot.store.headway import Headway, Makes, Taken
from bot.store.places import Places
from bot.store.reader import Readers
from bot.store.tx import Tx
from bot.store.version import check
from bot.store.writer import Change, Inbox, Unit, Writer

C = TypeVar("C")
R = TypeVar("R")

Operation = Callable[[Tx, Sequence[C]], Sequence[R]]
"""A plain set-based function: as many results as commands, in their order.

Refusals are results; an exception means that the unit must not be committed. It may be run more
than once before it is committed, so it does nothing but read and write its `Tx`.
"""

READ_SECONDS = 30.0
NO_HEADWAY: Mapping[str, Makes] = MappingProxyType({})


class Store:
    """Open it with `open_store`; it belongs to the event loop that opened it."""

    def __init__(
        self, database: Database, clock: Clock, writing: Engine, reading: Engine, *, writers: int
    ) -> None:
        self._name = database.name
        self._clock = clock
        self._writing = writing
        self._reading = reading
        self._loop = asyncio.get_running_loop()
        self._inbox = Inbox()
        self._to_write: list[Unit] = []
        self._to_read: list[Unit] = []
        self.places = Places()
        self._rings: list[Callable[[], None]] = []
        self._stirs: list[Callable[[], None]] = []
        self._headway = Headway(self.places)
        self._start: Callable[[Taken], None] | None = None
        self._write_deadlines = Deadlines(self._loop, self._expire_write)
        self._read_deadlines = Deadlines(self._loop, self._expire_read)
        self._is_closed = False
        self._readers = Readers(reading, clock, self._deliver_read, name=self._name)
        self._writers = [
            Writer(
                writing,
                clock,
                self._inbox,
                self._deliver,
                self.places,
                self._headway,
                name=self._name,
                number=number,
            )
            for number in range(writers)
        ]
        for writer in self._writers:
            writer.start()

    async def write(
        self,
        op: Operation[C, R],
        command: C,
        *,
        key: str | None = None,
        timeout: float = 10.0,  # noqa: ASYNC109 - what was not started in time is taken back
        is_news: bool = True,
    ) -> R:
        """Run `op` with this command in the next commit and return its result once durable.

        Writes that wait at the same time share one commit and, when `op` is the same function,
        one call. Two commands with the same `key` never share a batch. `timeout` is in seconds;
        a caller that runs out of it, or is cancelled, takes its command back if it was not
        started yet. What is no news rings for nobody: a lease that is renewed every other second
        would wake everybody who follows what happens. Raises StoreUnavailable (also when time ran
        out), StoreFull, StoreCorrupt, and whatever `op` raised for this command.
        """
        self._refuse_when_closed()
        unit = Unit(op, command, key, self._loop.create_future(), is_news)
        if not self._to_write:
            self._loop.call_soon(self._hand_over_writes)
        self._to_write.append(unit)
        self._write_deadlines.watch(unit, timeout)
        try:
            result: R = await unit.future
        except asyncio.CancelledError:
            self._inbox.withdraw(unit)
            raise
        return result

    async def ask(self, op: Operation[C, R], command: C) -> R:
        """Run `op`, which only reads, with this command and return its result.

        What is asked in one turn of the event loop is answered from one moment of the data, and
        equal operations run once. Raises StoreUnavailable, and whatever `op` raised for this
        command.
        """
        self._refuse_when_closed()
        unit = Unit(op, command, None, self._loop.create_future())
        if not self._to_read:
            self._loop.call_soon(self._hand_over_reads)
        self._to_read.append(unit)
        self._read_deadlines.watch(unit, READ_SECONDS)
        result: R = await unit.future
        return result

    async def read(self, fn: Callable[[Tx], R]) -> R:
        """Run `fn` in a read-only transaction, which sees one moment of the data."""
        return cast(R, await self.ask(_each, fn))

    def on_commit(self, ring: Callable[[], None]) -> None:
        """Call `ring` in the event loop after every commit of news, before its writers go on."""
        self._rings.append(ring)

    def on_stir(self, ring: Callable[[], None]) -> None:
        """Call `ring` in the event loop after every commit that left due rows to look for."""
        self._stirs.append(ring)

    def start_taken_with(
        self, start: Callable[[Taken], None], headway: Mapping[str, Makes] = NO_HEADWAY
    ) -> None:
        """Give `start`, in the event loop, every row that was taken up by this process.

        `headway`: by kind of row, what is done of its task in the transaction that writes it.
        """
        self._start = start
        self._headway.learn(headway)

    async def close(self) -> None:
        """Finish what is queued, then close. New writes are refused at once."""
        if self._is_closed:
            return
        self._is_closed = True
        self._hand_over_writes()
        self._hand_over_reads()
        for _ in self._writers:
            self._inbox.put(None)
        for writer in self._writers:
            await asyncio.to_thread(writer.join)
        await asyncio.to_thread(self._readers.close)
        self._write_deadlines.close()
        self._read_deadlines.close()
        self._reading.dispose()
        self._writing.dispose()

    def _refuse_when_closed(self) -> None:
        if self._is_closed:
            raise StoreUnavailable("The desk is stopping and takes nothing new. Try again soon.")

    def _hand_over_writes(self) -> None:
        units, self._to_write = self._to_write, []
        if units:
            self._inbox.put(units)

    def _hand_over_reads(self) -> None:
        units, self._to_read = self._to_read, []
        if units:
            self._readers.answer(units)

    def _expire_write(self, unit: Unit, seconds: float) -> None:
        end = (
            "so nothing was stored. Try again."
            if self._inbox.withdraw(unit)
            else "but the change may still be stored. Trying again does not do it twice."
        )
        unit.future.set_exception(
            StoreUnavailable(f"{self._name} did not answer within {seconds:g} seconds, {end}")
        )

    def _expire_read(self, unit: Unit, seconds: float) -> None:
        says = f"{self._name} did not answer within {seconds:g} seconds. Try again."
        unit.future.set_exception(StoreUnavailable(says))

    def _deliver_read(self, units: Sequence[Unit]) -> None:
        """Called in a reader's thread."""
        self._deliver(units, None)

    def _deliver(self, units: Sequence[Unit], change: Change | None) -> None:
        """Called in a writer's thread, once per commit."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._resolve, units, change)

    def _resolve(self, units: Sequence[Unit], change: Change | None) -> None:
        for unit in units:
            if unit.future.done():
                continue
            if unit.error is not None:
                unit.future.set_exception(unit.error)
            else:
                unit.future.set_result(unit.result)
        if change is None:
            return
        if self._start is not None:
            for taken in change.taken:
                self._start(taken)
        if change.is_news:
            for ring in self._rings:
                ring()
        if change.is_stirred:
            for ring in self._stirs:
                ring()


def _each(tx: Tx, questions: Sequence[Callable[[Tx], Any]]) -> list[Any]:
    return [question(tx) for question in questions]


async def open_store(address: str, clock: Clock, *, writers: int | None = None) -> Store:
    """Open the database at a `DATABASE_URL` whose schema is the one this code was written for.

    Raises ConfigurationError, SchemaMismatch (say `replydesk migrate`), or another StoreError.
    SQLite has one writer, whatever is asked; PostgreSQL two unless asked otherwise.
    """
    database = parse(address)
    await asyncio.to_thread(check, address)
    count = 1 if database.is_sqlite else (writers or POSTGRES_WRITERS)
    return Store(
        database,
        clock,
        writing_engine(database, connections=count),
        reading_engine(database),
        writers=count,
    )
