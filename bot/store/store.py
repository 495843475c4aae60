"""The store as the desk sees it: `write` returns when it is durable, `read` never writes.

Operations are plain functions that run in the store's own threads, so no transaction can span
an await: there is no event loop inside one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import StoreUnavailable
from bot.ports import Clock
from bot.store.database import (
    POSTGRES_WRITERS,
    READERS,
    Database,
    parse,
    reading_engine,
    writing_engine,
)
from bot.store.deadlines import Deadlines
from bot.store.driver_errors import explain, is_write_refused
from bot.store.tx import Tx
from bot.store.version import check
from bot.store.writer import Inbox, Unit, Writer

C = TypeVar("C")
R = TypeVar("R")

Operation = Callable[[Tx, Sequence[C]], Sequence[R]]
"""A plain set-based function: as many results as commands, in their order.

Refusals are results; an exception means that the unit must not be committed. It may be run more
than once before it is committed, so it does nothing but read and write its `Tx`.
"""

READ_SECONDS = 30.0


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
        self._rings: list[Callable[[], None]] = []
        self._deadlines = Deadlines(self._loop, self._expire)
        self._is_closed = False
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")
        self._writers = [
            Writer(writing, clock, self._inbox, self._deliver, name=self._name, number=number)
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
    ) -> R:
        """Run `op` with this command in the next commit and return its result once durable.

        Writes that wait at the same time share one commit and, when `op` is the same function,
        one call. Two commands with the same `key` never share a batch. `timeout` is in seconds;
        a caller that runs out of it, or is cancelled, takes its command back if it was not
        started yet. Raises StoreUnavailable (also when time ran out), StoreFull, StoreCorrupt,
        and whatever `op` raised for this command.
        """
        if self._is_closed:
            raise StoreUnavailable("The desk is stopping and takes nothing new. Try again soon.")
        unit = Unit(op, command, key, self._loop.create_future())
        self._inbox.put(unit)
        self._deadlines.watch(unit, timeout)
        try:
            result: R = await unit.future
        except asyncio.CancelledError:
            self._inbox.withdraw(unit)
            raise
        return result

    async def read(self, fn: Callable[[Tx], R]) -> R:
        """Run `fn` in a read-only transaction of its own, which sees one moment of the data."""
        if self._is_closed:
            raise StoreUnavailable("The desk is stopping and takes nothing new. Try again soon.")
        limit = asyncio.timeout(READ_SECONDS)
        try:
            async with limit:
                return await self._loop.run_in_executor(self._readers, self._read, fn)
        except TimeoutError as error:
            if not limit.expired():
                raise
            raise StoreUnavailable(
                f"{self._name} did not answer within {READ_SECONDS:g} seconds. Try again."
            ) from error

    def on_commit(self, ring: Callable[[], None]) -> None:
        """Call `ring` in the event loop after every commit, before its writers go on."""
        self._rings.append(ring)

    async def close(self) -> None:
        """Finish what is queued, then close. New writes are refused at once."""
        if self._is_closed:
            return
        self._is_closed = True
        for _ in self._writers:
            self._inbox.put(None)
        for writer in self._writers:
            await asyncio.to_thread(writer.join)
        self._deadlines.close()
        await asyncio.to_thread(self._readers.shutdown)
        self._reading.dispose()
        self._writing.dispose()

    def _read(self, fn: Callable[[Tx], R]) -> R:
        try:
            with self._reading.connect() as connection, connection.begin():
                return fn(Tx(connection, self._clock))
        except (SQLAlchemyError, OSError) as error:
            known = None if is_write_refused(error) else explain(error, self._name)
            if known is None:
                raise
            raise known from error

    def _expire(self, unit: Unit, seconds: float) -> None:
        end = (
            "so nothing was stored. Try again."
            if self._inbox.withdraw(unit)
            else "but the change may still be stored. Trying again does not do it twice."
        )
        unit.future.set_exception(
            StoreUnavailable(f"{self._name} did not answer within {seconds:g} seconds, {end}")
        )

    def _deliver(self, units: Sequence[Unit], is_committed: bool) -> None:
        """Called in a writer's thread, once per commit."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._resolve, units, is_committed)

    def _resolve(self, units: Sequence[Unit], is_committed: bool) -> None:
        for unit in units:
            if unit.future.done():
                continue
            if unit.error is not None:
                unit.future.set_exception(unit.error)
            else:
                unit.future.set_result(unit.result)
        if is_committed:
            for ring in self._rings:
                ring()


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
