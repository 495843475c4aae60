"""The machine's time."""

from __future__ import annotations

import time

from bot.model.ids import Moment, Monotonic


class SystemClock:
    def now(self) -> Moment:
        """UTC milliseconds; jumps when somebody sets the clock."""
        return Moment(time.time_ns() // 1_000_000)

    def monotonic(self) -> Monotonic:
        """Seconds that never go back; only differences mean anything."""
        return Monotonic(time.monotonic())
