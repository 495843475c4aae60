"""What a limiter promises: in memory, in the store on both databases, and in Redis.

PostgreSQL and Redis go by the server's clock, so there the rates are slow enough (one act in
ten minutes) that the moments which the test itself takes do not matter; `about` rounds up to five
minutes.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.coordination.limits import MemoryLimiter, Rate, StoreLimiter
from bot.model.ids import Moment, Monotonic
from bot.ports import Limiter
from bot.store.rate_buckets import RateBuckets
from tests.contract.redis_case import redis_limiter
from tests.contract.store_case import make_database, opened, prepare

RATES = {
    "account": Rate(per_minute=0.1, burst=3),
    "app": Rate(per_minute=0.1, burst=1),
    "steady": Rate(per_minute=0.1, burst=1),
}


class SkewedClock:
    """The time of this machine, moved by the test; PostgreSQL adds the same skew."""

    def __init__(self) -> None:
        self.skew = 0

    def now(self) -> Moment:
        return Moment(time.time_ns() // 1_000_000 + self.skew)

    def monotonic(self) -> Monotonic:
        return Monotonic(time.monotonic())

    def advance(self, seconds: float) -> None:
        self.skew += round(seconds * 1000)


@pytest.fixture
def clock() -> SkewedClock:
    return SkewedClock()


SHARED = [
    "sqlite",
    pytest.param("postgres", marks=pytest.mark.postgres),
    pytest.param("redis", marks=pytest.mark.redis),
]


@pytest.fixture(params=["memory", *SHARED])
async def limiter(
    request: pytest.FixtureRequest, tmp_path: Path, clock: SkewedClock
) -> AsyncIterator[Limiter]:
    if request.param == "memory":
        yield MemoryLimiter(RATES.get, clock)
        return
    async with make_place(request, tmp_path).limiter(clock) as limiter:
        yield limiter


@dataclass(frozen=True, slots=True)
class Place:
    """Where processes share a limit; `store` is the address of the database behind it."""

    store: str
    limiter: Callable[[SkewedClock], AbstractAsyncContextManager[Limiter]]


def make_place(request: pytest.FixtureRequest, folder: Path) -> Place:
    if request.param != "redis":
        address = make_database(request, folder)
        return Place(address, lambda clock: _store_limiter(address, clock))
    redis_url = str(request.getfixturevalue("redis_url"))
    address = f"sqlite:///{folder / 'desk.db'}"
    prepare(address)
    return Place(address, lambda clock: redis_limiter(redis_url, address, clock, RATES.get))


@asynccontextmanager
async def _store_limiter(address: str, clock: SkewedClock) -> AsyncIterator[StoreLimiter]:
    async with opened(address) as store:
        yield StoreLimiter(store, RATES.get, clock)


def about(milliseconds: int) -> int:
    """Minutes rounded up to five: the test itself takes a moment since the act before."""
    return -(-milliseconds // 300_000) * 5


async def test_a_burst_goes_at_once_and_the_next_waits_one_interval(limiter: Limiter) -> None:
    assert [await limiter.reserve(["account"]) for _ in range(3)] == [0, 0, 0]
    assert about(await limiter.reserve(["account"])) == 10


async def test_after_the_wait_that_was_named_exactly_one_act_is_free(
    limiter: Limiter, clock: SkewedClock
) -> None:
    await limiter.reserve(["steady"])
    wait = await limiter.reserve(["steady"])
    clock.advance(wait / 1000)
    assert await limiter.reserve(["steady"]) == 0
    assert about(await limiter.reserve(["steady"])) == 10


async def test_a_rest_gives_back_a_burst_and_no_more(limiter: Limiter, clock: SkewedClock) -> None:
    await limiter.reserve(["account"])
    clock.advance(36_000)
    assert [about(await limiter.reserve(["account"])) for _ in range(4)] == [0, 0, 0, 10]


async def test_keys_are_reserved_together_or_not_at_all(limiter: Limiter) -> None:
    assert await limiter.reserve(["account", "app"]) == 0
    assert about(await limiter.reserve(["account", "app"])) == 10
    # the wait for the app took nothing from the account: two of its three are left
    assert [about(await limiter.reserve(["account"])) for _ in range(3)] == [0, 0, 10]


async def test_waiting_does_not_make_the_wait_longer(limiter: Limiter) -> None:
    await limiter.reserve(["steady"])
    assert [about(await limiter.reserve(["steady"])) for _ in range(5)] == [10] * 5


async def test_a_key_named_twice_is_spent_once(limiter: Limiter) -> None:
    assert await limiter.reserve(["account", "account"]) == 0
    assert [about(await limiter.reserve(["account"])) for _ in range(3)] == [0, 0, 10]


async def test_a_closed_key_closes_all_that_is_reserved_with_it(
    limiter: Limiter, clock: SkewedClock
) -> None:
    await limiter.close_until("network", Moment(clock.now() + 3_600_000))
    assert about(await limiter.reserve(["network", "account"])) == 60
    assert await limiter.reserve(["account"]) == 0
    clock.advance(3_601)
    assert await limiter.reserve(["network", "account"]) == 0


async def test_an_earlier_end_does_not_open_what_is_closed_longer(
    limiter: Limiter, clock: SkewedClock
) -> None:
    await limiter.close_until("network", Moment(clock.now() + 3_600_000))
    await limiter.close_until("network", Moment(clock.now() + 300_000))
    assert about(await limiter.reserve(["network"])) == 60


async def test_a_key_without_a_rate_is_free_until_it_is_closed(limiter: Limiter) -> None:
    assert [await limiter.reserve(["unknown"]) for _ in range(20)] == [0] * 20


async def test_no_keys_means_no_wait(limiter: Limiter) -> None:
    assert await limiter.reserve([]) == 0


async def test_many_at_once_spend_one_burst_between_them(limiter: Limiter) -> None:
    waits = await asyncio.gather(*(limiter.reserve(["account"]) for _ in range(50)))
    assert sorted(about(wait) for wait in waits) == [0] * 3 + [10] * 47


@pytest.mark.parametrize("place", SHARED)
async def test_two_processes_share_a_limit_and_a_restart_forgets_nothing(
    place: str, request: pytest.FixtureRequest, tmp_path: Path, clock: SkewedClock
) -> None:
    request.param = place
    at = make_place(request, tmp_path)
    async with at.limiter(clock) as one, at.limiter(clock) as other:
        waits = await asyncio.gather(
            *(limiter.reserve(["account"]) for _ in range(10) for limiter in (one, other))
        )
        await one.close_until("network", Moment(clock.now() + 3_600_000))
        assert about(await other.reserve(["network"])) == 60
    assert sorted(about(wait) for wait in waits) == [0] * 3 + [10] * 17
    async with at.limiter(clock) as later:
        assert about(await later.reserve(["account"])) == 10
        assert about(await later.reserve(["network"])) == 60
    async with opened(at.store) as store:
        until = await store.read(
            lambda tx: RateBuckets(tx.connection, clock).closed_until("network")
        )
    assert about(until - clock.now()) == 60


@pytest.mark.parametrize(("per_minute", "burst"), [(0, 1), (-1, 1), (1, 0)])
def test_a_rate_that_lets_nothing_through_is_refused(per_minute: float, burst: int) -> None:
    with pytest.raises(ValueError, match="A rate needs"):
        Rate(per_minute, burst)
