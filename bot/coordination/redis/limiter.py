"""The limiter of a whole fleet: the arithmetic of `bot.coordination.limits`, in Redis.

What was spent lives in Redis alone: when it is lost, one burst more may leave, which a network
answers with 429 at worst. What a network closed is written to the store as well, and is brought
back before anybody relies on a Redis that was away, or that has forgotten: every reservation
looks for a mark that stands beside the buckets, and whoever misses it fills Redis again.

While Redis does not answer, `StoreLimiter` decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial

from redis.asyncio import Redis

from bot.coordination.limits import Rates, StoreLimiter
from bot.coordination.redis.line import Question, RedisLine
from bot.coordination.redis.scripts import CLOSE, NOW, RESERVE, Script
from bot.errors import CoordinationLost
from bot.model.ids import Moment
from bot.ports import Clock
from bot.store.rate_buckets import RateBuckets
from bot.store.store import Store

MARK = "replydesk:closings-are-here"
BUCKET = "replydesk:bucket:"
FORGOTTEN = -1

_RESERVE = Script(NOW + RESERVE)
_CLOSE = Script(NOW + CLOSE)


class RedisLimiter:
    """Implements `bot.ports.Limiter` for all processes that share a Redis and a store."""

    def __init__(self, line: RedisLine, store: Store, rates: Rates, clock: Clock) -> None:
        self._line = line
        self._store = store
        self._behind = StoreLimiter(store, rates, clock)
        self._rates = rates
        self._clock = clock
        line.on_return(self._fill)

    async def reserve(self, keys: Sequence[str]) -> int:
        """Raises StoreUnavailable when neither answers: then nothing may be sent."""
        if not keys:
            return 0
        question = partial(self._reserve, tuple(dict.fromkeys(keys)))
        try:
            wait = await self._line.ask(question)
            if wait == FORGOTTEN:
                await self._fill()
                wait = await self._line.ask(question)
        except CoordinationLost:
            wait = FORGOTTEN
        return await self._behind.reserve(keys) if wait == FORGOTTEN else wait

    async def close_until(self, key: str, until: Moment) -> None:
        """Raises StoreUnavailable when it is not kept; Redis may have it nevertheless."""
        with suppress(CoordinationLost):
            await self._line.ask(self._closing({key: until}))
        await self._behind.close_until(key, until)

    async def _reserve(self, keys: Sequence[str], client: Redis) -> int:
        arguments: list[int] = [self._skew()]
        for key in keys:
            rate = self._rates(key)
            arguments += (0, 0) if rate is None else (rate.interval, rate.burst)
        return int(await _RESERVE.run(client, _names(keys), arguments))

    async def _fill(self) -> None:
        """Bring every closing that the store knows to Redis, and say there that it was done."""
        closings = await self._store.read(
            lambda tx: RateBuckets(tx.connection, self._clock).closings()
        )
        await self._line.knock(self._closing(closings, "mark"))

    def _closing(self, closings: Mapping[str, Moment], *mark: str) -> Question[object]:
        arguments = [self._skew(), *closings.values(), *mark]
        return lambda client: _CLOSE.run(client, _names([*closings]), arguments)

    def _skew(self) -> int:
        """How far a test has moved the clock, in microseconds, as the store does."""
        return int(getattr(self._clock, "skew", 0)) * 1000


def _names(keys: Sequence[str]) -> list[str]:
    return [MARK, *(BUCKET + key for key in keys)]
