"""Free places of this process's lanes: a row may be taken up in the commit that writes it.

What a transaction makes due at once would be found, claimed and committed again a moment later, by
the same process, on the way to its task. While a lane has a free place, the row is leased to this
process as it is written, and its task begins when the commit is durable: one commit instead of
two, and nothing to look for. Nothing else changes: the row has its claim, its lease and its
attempt, and whoever dies with it leaves it to the lease.

Rows of a lane are worked on in their order: once one had to wait, the lane is behind, and what
comes after it waits too, until the loop has found nothing more waiting.

While many hooks wait to be stored, what follows from hooks has a quarter of its places: a network
that is not answered in time sends everything again, and a card can wait a moment.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence

from bot.model.due import DueRow, Lane

NARROWED = frozenset({Lane.TRIAGE, Lane.CARDS})
"""What follows from hooks."""


class Places:
    """Counted by the loop in its thread and by the writers in theirs. Closed until opened."""

    def __init__(self) -> None:
        self.owner = ""
        self._lease_of: Callable[[Lane], int] = lambda lane: 0
        self._limits: dict[Lane, int] = {}
        self._free: dict[Lane, int] = {}
        self._behind: set[Lane] = set()
        self._is_open = False
        self._lock = threading.Lock()
        self.is_pressed = False
        """Many hooks wait."""

    def open(self, owner: str, limits: Mapping[Lane, int], lease_of: Callable[[Lane], int]) -> None:
        """From now on rows may be taken up for `owner`, once each lane is known to be not behind.

        `lease_of` is in milliseconds.
        """
        with self._lock:
            self.owner = owner
            self._lease_of = lease_of
            self._limits = dict(limits)
            self._free = dict(limits)
            self._behind = set(limits)
            self._is_open = True

    def close(self) -> None:
        """Nothing more is taken up."""
        with self._lock:
            self._is_open = False

    def take(self, lane: Lane) -> int | None:
        """A place for a row that is being written: its lease in milliseconds, None if it waits."""
        with self._lock:
            if not self._is_open or lane in self._behind:
                return None
            if self._room(lane) < 1:
                self._behind.add(lane)
                return None
            self._free[lane] -= 1
            return self._lease_of(lane)

    def occupy(self, rows: Sequence[DueRow]) -> None:
        """For rows that were claimed."""
        with self._lock:
            for row in rows:
                self._free[row.lane] -= 1

    def leave(self, lane: Lane) -> bool:
        """One place more is free; True when rows of this lane are known to wait."""
        with self._lock:
            self._free[lane] += 1
            return lane in self._behind

    def caught_up(self, lane: Lane) -> None:
        """The loop has found no more rows of this lane."""
        with self._lock:
            self._behind.discard(lane)

    def worth_claiming(self) -> dict[Lane, int]:
        """Free places of lanes in which at least a quarter is free.

        A busy lane is claimed for then: one commit for several rows instead of one for each that
        ends.
        """
        with self._lock:
            return {
                lane: room
                for lane, limit in self._limits.items()
                if (room := self._room(lane)) >= max(1, limit // (16 if self.is_pressed else 4))
            }

    def _room(self, lane: Lane) -> int:
        """Places that may be taken now."""
        free = self._free.get(lane, 0)
        if self.is_pressed and lane in NARROWED:
            return free - self._limits[lane] * 3 // 4
        return free
