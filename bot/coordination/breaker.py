"""A circuit breaker: a server that fails again and again is left alone for a while.

Closed, it counts failures in a row. The fifth within a minute opens it: nobody asks for two
minutes. Then one trial goes through while the others still wait; its success closes the breaker,
its failure opens it for another two minutes. This form is for one process; the one that a fleet
shares is `bot.coordination.redis.breaker`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from bot.model.breaker import BREAKER_RULE, BreakerRule


class LocalBreaker:
    """Implements `bot.ports.Breaker`; `monotonic` gives seconds that never go back."""

    def __init__(self, monotonic: Callable[[], float], rule: BreakerRule = BREAKER_RULE) -> None:
        self._monotonic = monotonic
        self._rule = rule
        self._failures: deque[float] = deque(maxlen=rule.failures)
        self._open_until: float | None = None

    async def seconds_left(self) -> float:
        if self._open_until is None:
            return 0.0
        return max(0.0, self._open_until - self._monotonic())

    async def enter(self) -> float:
        left = await self.seconds_left()
        if left == 0 and self._open_until is not None:
            self._open_until = self._monotonic() + self._rule.rest
        return left

    async def succeeded(self) -> None:
        self._failures.clear()
        self._open_until = None

    async def failed(self) -> None:
        now, rule = self._monotonic(), self._rule
        self._failures.append(now)
        is_full = len(self._failures) == rule.failures and now - self._failures[0] <= rule.within
        if is_full or self._open_until is not None:
            self._open_until = now + rule.rest
