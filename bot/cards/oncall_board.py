"""Who is on call now and next, and whom pages are proved to reach."""

from __future__ import annotations

from dataclasses import dataclass

from bot.model.ids import Moment
from bot.model.incident import AlertKind


@dataclass(frozen=True, slots=True)
class Turn:
    """`stands_in`: by an override, and not by the plan."""

    rotation: str
    name: str
    until: Moment
    after: str
    """Name of whoever is next."""
    stands_in: bool = False


@dataclass(frozen=True, slots=True)
class Reach:
    """Of one member whom a policy names. Without a proved route they count as unreachable."""

    name: str
    proved: tuple[tuple[str, Moment], ...]
    """Routes by which a page arrived lately, with when."""
    failed: tuple[tuple[str, str], ...]
    """Routes whose last test did not arrive, with why."""

    @property
    def is_reachable(self) -> bool:
        return bool(self.proved)


@dataclass(frozen=True, slots=True)
class Moved:
    """False pages a week that are borne of one kind of alert, where verdicts moved them."""

    kind: AlertKind
    borne: float
    asked: float


@dataclass(frozen=True, slots=True)
class OnCallBoard:
    """`firing` is how many incidents nobody acknowledged."""

    turns: tuple[Turn, ...]
    reaches: tuple[Reach, ...]
    firing: int
    peak_until: Moment | None = None
    """Until when the team expects more than usual."""
    moved: tuple[Moved, ...] = ()
