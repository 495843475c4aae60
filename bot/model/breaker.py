"""When a server that fails again and again is left alone, and for how long."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BreakerRule:
    """So many failures in a row within so many seconds: nobody asks for `rest` seconds."""

    failures: int = 5
    within: float = 60.0
    rest: float = 120.0


BREAKER_RULE = BreakerRule()
