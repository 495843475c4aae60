"""State machines: a table of moves, and nothing that can move otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

S = TypeVar("S", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class StateMachine(Generic[S]):
    """Which state may follow which; the store compares and sets along these moves only."""

    name: str
    moves: Mapping[S, frozenset[S]]

    def allows(self, old: S, new: S) -> bool:
        return new in self.moves.get(old, frozenset())

    def sources(self, new: S) -> frozenset[S]:
        """All states from which `new` can be reached in one move."""
        return frozenset(old for old, targets in self.moves.items() if new in targets)
