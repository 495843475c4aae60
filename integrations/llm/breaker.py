"""A circuit breaker: a server that fails again and again is left alone for a while.

Closed, it counts failures in a row. The fifth within a minute opens it: nobody asks for two
minutes. Then one trial goes through while the others still wait; its success closes the breaker,
its failure opens it for another two minutes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

FAILURES = 5
WITHIN_SECONDS = 60.0
REST_SECONDS = 120.0


class Breaker:
    """`monotonic` gives seconds that never go back."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._failures: deque[float] = deque(maxlen=FAILURES)
        self._open_until: float | None = None

    def seconds_left(self) -> float:
        """How long nobody may ask; 0 when one may. Taking part is announced by `enter`."""
        if self._open_until is None:
            return 0.0
        return max(0.0, self._open_until - self._monotonic())

    def enter(self) -> None:
        """Somebody asks now; of those who waited, only this one until its outcome is known."""
        if self._open_until is not None:
            self._open_until = self._monotonic() + REST_SECONDS

    def succeeded(self) -> None:
        self._failures.clear()
        self._open_until = None

    def failed(self) -> None:
        now = self._monotonic()
        self._failures.append(now)
        is_full = len(self._failures) == FAILURES and now - self._failures[0] <= WITHIN_SECONDS
        if is_full or self._open_until is not None:
            self._open_until = now + REST_SECONDS
