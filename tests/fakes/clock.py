"""A clock that stands still until a test moves it; implements `bot.ports.Clock`."""

from __future__ import annotations

from bot.model.ids import Moment, Monotonic

START = Moment(1_796_029_200_000)
"""2026-11-30T09:00:00Z, a Monday: fixed, so that no test depends on today, and later than any
recorded fixture."""


class FakeClock:
    """Moves only when told. `advance` moves both hands, `jump` only the one on the wall."""

    def __init__(self, now: int = START, monotonic: float = 1_000.0) -> None:
        self._now = now
        self._monotonic = monotonic

    def now(self) -> Moment:
        return Moment(self._now)

    def monotonic(self) -> Monotonic:
        return Monotonic(self._monotonic)

    def advance(self, seconds: float) -> None:
        """Time passes."""
        if seconds < 0:
            raise ValueError("Time does not pass backwards; use `jump` to set the wall clock.")
        self._now += round(seconds * 1000)
        self._monotonic += seconds

    def jump(self, seconds: float) -> None:
        """Somebody set the wall clock, forwards or backwards; no time passed."""
        self._now += round(seconds * 1000)

    def set(self, now: int) -> None:
        """Put the wall clock at a moment (UTC milliseconds); no time passed."""
        self._now = now

    def deadline_in(self, seconds: float) -> Monotonic:
        """A reading of the monotonic clock that lies ahead (or, negative, has passed)."""
        return Monotonic(self._monotonic + seconds)
