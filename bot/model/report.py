"""A report: what came in during some days of a brand, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.model.ids import Moment
from bot.model.item import ItemKind


class Span(StrEnum):
    """Whole days up to now, today's being the last."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    @property
    def days(self) -> int:
        return {Span.DAY: 1, Span.WEEK: 7, Span.MONTH: 30}[self]


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `since` to before `until`."""

    since: Moment
    until: Moment


@dataclass(frozen=True, slots=True)
class FirstReplies:
    """How long those waited who got a first reply; milliseconds from when they wrote."""

    count: int
    median: int | None = None
    ninetieth: int | None = None
    """Nine of ten waited no longer."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Of what came in during one stretch, as it stands now."""

    came: int
    answered: int
    not_needed: int
    open: int
    gone: int
    """Deleted on the network."""
    first: FirstReplies
    posts: int
    """Planned posts that were published in it, whenever they were planned."""
    in_time: int
    """Replies within their goal."""
    late: int
    """Replies beyond their goal, and what still waits beyond it."""


@dataclass(frozen=True, slots=True)
class Report:
    span: Span
    stretch: Stretch
    now: Figures
    before: Figures
    """Of as long a stretch before it, which ends at the same time of day."""
    kinds: tuple[tuple[ItemKind, int], ...]
    """Most frequent first, as all below."""
    accounts: tuple[tuple[str, int], ...]
    """By the name of the account."""
    labels: tuple[tuple[str, int], ...]
    """Intents, as the cards call them; an item may have several."""
    own: tuple[tuple[str, int], ...]
    """Labels of the team, of which an item may have several too."""
    risks: tuple[tuple[str, int], ...]
    busiest: tuple[Moment, int] | None
    """When the fullest hour began, counted from midnight, and how much came in it."""
