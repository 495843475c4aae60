"""Pace: when a channel, or a member alone, is told of what may wait.

    digest        at set times of the day, in its zone: what came since the last one is one message
    quiet hours   nothing new is posted but what breaks them; what came is told once they are over

A time that a clock change skips is the moment after it, and one that it repeats is told once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bot.model.ids import Moment
from bot.model.item import ItemKind
from bot.model.oncall import Quiet, local, moment_of
from bot.model.triage import Urgency


@dataclass(frozen=True, slots=True)
class Pace:
    """Without anything each thing is told as it comes."""

    digest: tuple[int, ...] = ()
    """Local minutes of the day."""
    zone: str = "UTC"
    at_once: frozenset[Urgency | ItemKind] = frozenset()
    """What waits for no digest."""
    quiet: Quiet | None = None

    def awake_at(self, at: Moment) -> Moment:
        """The end of the quiet hours that hold then; else `at`."""
        return at if self.quiet is None else self.quiet.hours.end_after(at)

    def told_at(self, at: Moment, kind: ItemKind, urgency: Urgency) -> Moment:
        """When an item that came at a moment is told; `at` itself where it waits for nothing."""
        waits = self.digest and self.at_once.isdisjoint({kind, urgency})
        return self.awake_at(self._next(self.digest, at) if waits else at)

    def digest_at(self, at: Moment) -> Moment | None:
        """When all that waits is told next, at the end of quiet hours too; None is never."""
        ends = () if self.quiet is None else (self.quiet.hours.end,)
        times = (*self.digest, *ends)
        return self.awake_at(self._next(times, at)) if times else None

    def _next(self, times: tuple[int, ...], at: Moment) -> Moment:
        today = local(at, self.zone).date()
        moments = (
            moment_of(today + timedelta(days=days), minutes, self.zone)
            for days in (0, 1)
            for minutes in sorted(times)
        )
        return next(one for one in moments if one > at)


AT_ONCE = Pace()
