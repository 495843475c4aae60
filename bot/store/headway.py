"""Headway: how far a task gets in the transaction that writes its row.

A row that is taken up, as it is written (`bot.store.places`) or by claiming it, begins in this
process the moment that is durable. What its task would do first, reading and committing, asks
nobody outside: so it may be done in the same transaction, and a comment is stored, sorted, drawn
and noted as being posted by one commit instead of four. What is left of the task is told with the
row, and runs in the event loop once the commit is durable; until then nothing has left the process.

A transaction whose headway fails is run again without: its rows are tasks like any other then, and
what is wrong with one of them is recorded there. While many hooks wait, no headway is made.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.model.due import DueRow
from bot.model.ids import DueId
from bot.store.places import Places
from bot.store.tx import Tx

GoOn = Callable[[], Awaitable[None]]
"""What is left of a task; it may raise what a task may raise."""

Makes = Callable[[Tx, Sequence[DueRow]], Sequence[GoOn | None]]
"""For rows of one kind, in their order; None where the whole task is left. It may be run more than
once before it is committed, so it does nothing but read and write its `Tx`."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A row that this process took up, and what is left to do."""

    row: DueRow
    go_on: GoOn | None = None


class Headway:
    """Shared by all writers; it makes none before it has learned how."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._by_kind: Mapping[str, Makes] = {}

    def learn(self, by_kind: Mapping[str, Makes]) -> None:
        self._by_kind = by_kind

    def make(self, tx: Tx) -> tuple[Taken, ...]:
        """All that the transaction took up, and what follows from it in its turn."""
        left: dict[DueId, GoOn] = {}
        seen = 0
        while seen < len(tx.due.taken) and not self._places.is_pressed:
            fresh, seen = tx.due.taken[seen:], len(tx.due.taken)
            for kind in sorted({row.kind for row in fresh} & self._by_kind.keys()):
                rows = [row for row in fresh if row.kind == kind]
                for row, go_on in zip(rows, self._by_kind[kind](tx, rows), strict=True):
                    if go_on is not None:
                        left[row.id] = go_on
        return tuple(Taken(row, left.get(row.id)) for row in tx.due.taken)
