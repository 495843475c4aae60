"""Limits of networks and chats: how long to wait before the next act.

The generic cell rate algorithm (GCRA, from ITU-T I.371). A key has an interval T (a minute
divided by its rate) and a burst B. Its only state is the theoretical arrival time: when the key
would be idle again if every act took T. An act moves it T further, and is allowed when it then
lies at most B * T ahead of now; else the difference is what there is to wait. Several keys (an
account, its app, its network) are reserved together or not at all: the longest wait is the
answer, and a wait moves nothing.

Three forms with one contract. `MemoryLimiter` is right when one process does all the talking: it
costs nothing, but a restart forgets what was spent and closed. `StoreLimiter` is right when
several processes share one network's limits, and needs no Redis: a restart forgets nothing, and
every reservation is a commit. The third is `bot.coordination.redis.limiter`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.model.ids import Moment
from bot.ports import Clock
from bot.store.rate_buckets import Bucket, RateBuckets
from bot.store.store import Store
from bot.store.tx import Tx


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `per_minute` on average, and `burst` at once after a rest."""

    per_minute: float
    burst: int

    def __post_init__(self) -> None:
        if self.per_minute <= 0 or self.burst < 1:
            raise ValueError("A rate needs at least some acts per minute and a burst of one.")

    @property
    def interval(self) -> int:
        """Microseconds between two acts at the steady rate."""
        return round(60_000_000 / self.per_minute)


Rates = Callable[[str], Rate | None]
"""The rate of a key; None for a key that has no limit but may be closed by a 429."""


@dataclass(frozen=True, slots=True)
class _Reservation:
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Closing:
    key: str
    until: Moment


class MemoryLimiter:
    """Implements `bot.ports.Limiter` for one process."""

    def __init__(self, rates: Rates, clock: Clock) -> None:
        self._rates = rates
        self._clock = clock
        self._buckets: dict[str, Bucket] = {}

    async def reserve(self, keys: Sequence[str]) -> int:
        now = self._clock.now() * 1000
        wait, moved = _reserve(keys, self._buckets, self._rates, now)
        self._buckets.update(moved)
        return wait

    async def close_until(self, key: str, until: Moment) -> None:
        self._buckets[key] = _closed(self._buckets.get(key, Bucket()), until)


class StoreLimiter:
    """Implements `bot.ports.Limiter` for all processes on one database."""

    def __init__(self, store: Store, rates: Rates, clock: Clock) -> None:
        self._store = store
        self._rates = rates
        self._clock = clock

    async def reserve(self, keys: Sequence[str]) -> int:
        """Raises StoreUnavailable: then nothing is reserved, and nothing may be sent."""
        wanted = _Reservation(tuple(keys))
        if all(self._rates(key) is None for key in keys):
            # nobody counts these: it is enough to look whether one of them is closed
            return await self._store.ask(self._look, wanted)
        return await self._store.write(self._reserve_all, wanted)

    async def close_until(self, key: str, until: Moment) -> None:
        await self._store.write(self._close_all, _Closing(key, until))

    def _reserve_all(self, tx: Tx, wanted: Sequence[_Reservation]) -> Sequence[int]:
        repository = RateBuckets(tx.connection, self._clock)
        buckets = repository.lock(key for one in wanted for key in one.keys)
        now = repository.now()
        changed: dict[str, Bucket] = {}
        waits = []
        for one in wanted:
            wait, moved = _reserve(one.keys, buckets, self._rates, now)
            buckets.update(moved)
            changed.update(moved)
            waits.append(wait)
        repository.save(changed)
        return waits

    def _look(self, tx: Tx, wanted: Sequence[_Reservation]) -> Sequence[int]:
        repository = RateBuckets(tx.connection, self._clock)
        buckets = repository.find(key for one in wanted for key in one.keys)
        now = repository.now()
        return [_reserve(one.keys, buckets, self._rates, now)[0] for one in wanted]

    def _close_all(self, tx: Tx, closings: Sequence[_Closing]) -> Sequence[None]:
        repository = RateBuckets(tx.connection, self._clock)
        buckets = repository.lock(one.key for one in closings)
        for one in closings:
            buckets[one.key] = _closed(buckets[one.key], one.until)
        repository.save(buckets)
        return [None] * len(closings)


def _reserve(
    keys: Sequence[str], buckets: Mapping[str, Bucket], rates: Rates, now: int
) -> tuple[int, dict[str, Bucket]]:
    """Milliseconds to wait and, when that is 0, the buckets as they are after the act.

    `now` is in microseconds, like `Bucket.tat`.
    """
    longest = 0
    moved: dict[str, Bucket] = {}
    for key in dict.fromkeys(keys):
        bucket = buckets.get(key, Bucket())
        longest = max(longest, bucket.closed_until * 1000 - now)
        rate = rates(key)
        if rate is None:
            continue
        reach = rate.burst * rate.interval
        # Further ahead than any act can have moved it: the wall clock was set back since.
        tat = bucket.tat if bucket.tat <= now + reach else now
        arrival = max(tat, now) + rate.interval
        longest = max(longest, arrival - reach - now)
        moved[key] = replace(bucket, tat=arrival)
    if longest > 0:
        return -(-longest // 1000), {}
    return 0, moved


def _closed(bucket: Bucket, until: Moment) -> Bucket:
    return replace(bucket, closed_until=max(bucket.closed_until, until))
