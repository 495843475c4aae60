"""The circuit breaker of a whole fleet: what one process learnt of a server, all know.

While Redis does not answer each process goes by what it saw itself.
"""

from __future__ import annotations

from bot.coordination.breaker import LocalBreaker
from bot.coordination.redis.line import RedisLine
from bot.coordination.redis.scripts import BREAKER, NOW, Script
from bot.errors import CoordinationLost
from bot.model.breaker import BREAKER_RULE, BreakerRule
from bot.ports import Clock

_BREAKER = Script(NOW + BREAKER)
MICROSECONDS = 1_000_000


class RedisBreaker:
    """Implements `bot.ports.Breaker`; `name` is that of the server."""

    def __init__(
        self, line: RedisLine, name: str, clock: Clock, rule: BreakerRule = BREAKER_RULE
    ) -> None:
        self._line = line
        self._keys = [f"replydesk:breaker:{name}", f"replydesk:breaker:{name}:failures"]
        self._clock = clock
        self._rule = rule
        self._own = LocalBreaker(clock.monotonic, rule)

    async def seconds_left(self) -> float:
        try:
            return await self._do("look")
        except CoordinationLost:
            return await self._own.seconds_left()

    async def enter(self) -> float:
        try:
            return await self._do("enter")
        except CoordinationLost:
            return await self._own.enter()

    async def succeeded(self) -> None:
        await self._own.succeeded()
        await self._tell("succeeded")

    async def failed(self) -> None:
        await self._own.failed()
        await self._tell("failed")

    async def _tell(self, what: str) -> None:
        try:
            await self._do(what)
        except CoordinationLost:
            return

    async def _do(self, what: str) -> float:
        """Seconds that are left."""
        skew = int(getattr(self._clock, "skew", 0)) * 1000
        rule = self._rule
        words = [skew, what, rule.failures, _micros(rule.within), _micros(rule.rest)]
        left = await self._line.ask(lambda client: _BREAKER.run(client, self._keys, words))
        return int(left) / MICROSECONDS


def _micros(seconds: float) -> int:
    return round(seconds * MICROSECONDS)
