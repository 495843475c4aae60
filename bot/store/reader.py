"""Reads that are asked for in one turn of the event loop share a thread and a transaction.

A read of one row costs a tenth of the way to another thread and back, and of opening and closing
a transaction around it. What many tasks ask in the same turn, they ask at the same moment: so one
snapshot answers them all, and operations that are equal run once over all their commands. Whoever
takes long keeps nobody waiting: what is answered is delivered every few milliseconds.

When an operation fails, the reads of its batch are run again one by one, so that only the one
with the fault gets its exception.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from bot.ports import Clock
from bot.store.database import READERS
from bot.store.driver_errors import explain, is_write_refused
from bot.store.tx import Tx
from bot.store.writer import Unit, by_operation

LONGEST_SILENCE = 0.005
"""Seconds after which the answers of a batch that is not at its end are delivered."""

Deliver = Callable[[Sequence[Unit]], None]


class Readers:
    """A few threads with a read-only connection each."""

    def __init__(self, engine: Engine, clock: Clock, deliver: Deliver, *, name: str) -> None:
        """`deliver(answered units)` is called from a reader's thread."""
        self._engine = engine
        self._clock = clock
        self._deliver = deliver
        self._name = name
        self._threads = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")

    def answer(self, units: Sequence[Unit]) -> None:
        """Have these read at one moment, soon."""
        self._threads.submit(self._answer, units)

    def close(self) -> None:
        """Wait for what is being read."""
        self._threads.shutdown()

    def _answer(self, units: Sequence[Unit]) -> None:
        try:
            left = self._read(units)
        except Exception as error:  # noqa: BLE001 - whoever asked must be answered, always
            if len(units) == 1:
                units[0].error = self._explained(error)
                self._deliver(units)
                return
            left = [unit for unit in units if not unit.is_started]
            for unit in left:
                self._answer([unit])
            return
        self._deliver(left)

    def _read(self, units: Sequence[Unit]) -> list[Unit]:
        """Answer all; those that were not delivered on the way."""
        answered: list[Unit] = []
        with self._engine.connect() as connection, connection.begin():
            tx = Tx(connection, self._clock)
            silent_since = time.monotonic()
            for operation, members in by_operation(units):
                results = operation(tx, [unit.command for unit in members])
                for unit, result in zip(members, results, strict=True):
                    unit.result = result
                answered += members
                if time.monotonic() - silent_since > LONGEST_SILENCE:
                    self._deliver_early(answered)
                    answered = []
                    silent_since = time.monotonic()
        return answered

    def _deliver_early(self, units: Sequence[Unit]) -> None:
        for unit in units:
            unit.is_started = True
        self._deliver(units)

    def _explained(self, error: Exception) -> Exception:
        if not isinstance(error, SQLAlchemyError | OSError) or is_write_refused(error):
            return error
        return explain(error, self._name) or error
