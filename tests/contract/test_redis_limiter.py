"""The fleet's limiter while its Redis is well, forgets, stops, hangs, and comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from bot.coordination.limits import MemoryLimiter, Rate
from bot.coordination.redis.limiter import BUCKET, MARK
from bot.coordination.redis.scripts import RESERVE
from bot.errors import CoordinationLost
from bot.model.ids import Moment
from bot.store.rate_buckets import RateBuckets
from tests.contract.redis_case import HASTY, Part, eventually_answers, taking_part
from tests.contract.store_case import prepare
from tests.fakes.clock import START, FakeClock
from tests.redis_server import RedisServer

pytestmark = pytest.mark.redis

RATES = {
    "account": Rate(per_minute=6, burst=3),
    "app": Rate(per_minute=7, burst=1),
    "chat": Rate(per_minute=59.5, burst=20),
}
MINUTE = 60_000


@pytest.fixture
def behind(tmp_path: Path) -> str:
    address = f"sqlite:///{tmp_path / 'desk.db'}"
    prepare(address)
    return address


def about(milliseconds: int) -> int:
    """Seconds rounded up to five: the test itself takes a moment since the act before."""
    return -(-milliseconds // 5_000) * 5


def in_a_minute(part: Part) -> Moment:
    return Moment(part.line.clock.now() + MINUTE)


# --- the arithmetic


KEYS = st.lists(st.sampled_from([*RATES, "free"]), min_size=1, max_size=4)
ACTS = st.lists(
    st.tuples(KEYS, st.integers(0, 40_000), st.sampled_from([0, 0, 0, 1, 15_000])),
    min_size=1,
    max_size=40,
)


def reserve_there(client: Redis, keys: Sequence[str], now: int) -> int:
    """The very script that runs in Redis, at a moment (microseconds) of the test's choice."""
    names = list(dict.fromkeys(keys))
    limits: list[int] = []
    for key in names:
        rate = RATES.get(key)
        limits += (0, 0) if rate is None else (rate.interval, rate.burst)
    script = "local now = tonumber(ARGV[1])\n" + RESERVE
    answer = client.eval(
        script, len(names) + 1, MARK, *(BUCKET + name for name in names), now, *limits
    )
    return int(str(answer))


@given(acts=ACTS)
@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
def test_redis_answers_what_the_local_limiter_answers_to_the_millisecond(
    redis_server: RedisServer, acts: list[tuple[list[str], int, int]]
) -> None:
    """Reservations of any keys at any moments, some of them closed meanwhile."""
    redis_server.flush()
    clock = FakeClock(START)
    here = MemoryLimiter(RATES.get, clock)
    with redis_server.client() as client:
        client.set(MARK, "1")
        for keys, later, closed in acts:
            clock.advance(later / 1000)
            if closed:
                until = clock.now() + closed
                asyncio.run(here.close_until(keys[0], Moment(until)))
                held = int(str(client.hget(BUCKET + keys[0], "closed_until") or 0))
                client.hset(BUCKET + keys[0], "closed_until", max(held, until))
            there = reserve_there(client, keys, clock.now() * 1000)
            assert there == asyncio.run(here.reserve(keys))


def test_a_clock_that_was_set_back_closes_nothing_for_longer_than_its_rate(
    redis_server: RedisServer,
) -> None:
    redis_server.flush()
    now = START * 1000
    with redis_server.client() as client:
        client.set(MARK, "1")
        client.hset(BUCKET + "app", "tat", now + 3_600_000_000)
        assert reserve_there(client, ["app"], now) == 0


# --- well


async def test_redis_decides_and_the_store_is_not_written_for_it(
    redis_url: str, behind: str
) -> None:
    async with taking_part(redis_url, behind, RATES.get) as part:
        assert await part.limiter.reserve(["account"]) == 0
        held = await part.store.read(
            lambda tx: RateBuckets(tx.connection, part.line.clock).lock(["account"])
        )
        assert held["account"].tat == 0


async def test_a_bucket_that_is_idle_again_is_forgotten_and_a_closed_one_is_kept(
    redis_server: RedisServer, redis_url: str, behind: str
) -> None:
    async with taking_part(redis_url, behind, RATES.get) as part:
        await part.limiter.reserve(["account"])
        await part.limiter.close_until("app", in_a_minute(part))
        with redis_server.client() as client:
            assert 5 <= int(str(client.ttl(BUCKET + "account"))) <= 11
            assert 55 <= int(str(client.ttl(BUCKET + "app"))) <= 61


# --- flushed


async def test_what_a_network_closed_is_closed_still_after_a_flush(
    redis_server: RedisServer, redis_url: str, behind: str
) -> None:
    async with taking_part(redis_url, behind, RATES.get) as part:
        await part.until_told(True)
        await part.limiter.close_until("account", in_a_minute(part))
        redis_server.flush()
        assert about(await part.limiter.reserve(["account"])) == 60
        redis_server.flush()
        waits = await asyncio.gather(*(part.limiter.reserve(["account"]) for _ in range(20)))
        assert {about(wait) for wait in waits} == {60}
        assert part.told == [True]


async def test_a_flush_gives_one_burst_back_and_no_more(
    redis_server: RedisServer, redis_url: str, behind: str
) -> None:
    async with taking_part(redis_url, behind, RATES.get) as part:
        assert [about(await part.limiter.reserve(["account"])) for _ in range(4)] == [0, 0, 0, 10]
        redis_server.flush()
        assert [about(await part.limiter.reserve(["account"])) for _ in range(4)] == [0, 0, 0, 10]


# --- stopped


async def test_while_redis_is_stopped_the_store_decides_for_all_processes(
    own_redis: RedisServer, behind: str
) -> None:
    async with (
        taking_part(own_redis.url, behind, RATES.get) as one,
        taking_part(own_redis.url, behind, RATES.get, me="two") as other,
    ):
        await one.until_told(True)
        own_redis.stop()
        waits = [
            about(await part.limiter.reserve(["account"]))
            for _ in range(4)
            for part in (one, other)
        ]
        assert sorted(waits) == [0] * 3 + [10] * 5
        await one.limiter.close_until("app", in_a_minute(one))
        assert about(await other.limiter.reserve(["app"])) == 60


async def test_a_redis_that_comes_back_knows_what_was_closed_while_it_was_away(
    own_redis: RedisServer, behind: str
) -> None:
    async with taking_part(own_redis.url, behind, RATES.get) as part:
        await part.until_told(True)
        own_redis.stop()
        await part.limiter.close_until("app", in_a_minute(part))
        await part.until_told(True, False)
        own_redis.start()
        await part.until_told(True, False, True)
        with own_redis.client() as client:
            assert client.exists(MARK, BUCKET + "app") == 2
        assert about(await part.limiter.reserve(["app"])) == 60


async def test_a_redis_that_slept_learns_what_was_closed_meanwhile(
    own_redis: RedisServer, behind: str
) -> None:
    """It kept its mark, so only whoever lost it knows that it must be told."""
    async with taking_part(own_redis.url, behind, RATES.get, patience=HASTY) as part:
        await part.until_told(True)
        own_redis.pause()
        await part.limiter.close_until("app", in_a_minute(part))
        own_redis.wake()
        await eventually_answers(part.line)
        with own_redis.client() as client:
            assert client.exists(BUCKET + "app") == 1
        assert about(await part.limiter.reserve(["app"])) == 60


async def test_a_desk_that_starts_without_its_redis_works_and_finds_it_later(
    own_redis: RedisServer, behind: str
) -> None:
    own_redis.stop()
    async with taking_part(own_redis.url, behind, RATES.get) as part:
        assert await part.limiter.reserve(["account"]) == 0
        await part.until_told(False)
        own_redis.start()
        await part.until_told(False, True)


# --- paused


async def test_a_redis_that_hangs_holds_everybody_up_once_and_then_nobody(
    own_redis: RedisServer, behind: str
) -> None:
    async with taking_part(own_redis.url, behind, RATES.get, patience=HASTY) as part:
        await part.until_told(True)
        own_redis.pause()
        loop = asyncio.get_running_loop()
        began = loop.time()
        waits = await asyncio.gather(*(part.limiter.reserve(["account"]) for _ in range(50)))
        first = loop.time() - began
        assert sorted(about(wait) for wait in waits) == [0] * 3 + [10] * 47
        with pytest.raises(CoordinationLost):
            await part.line.ask(lambda client: client.ping())
        assert loop.time() - began < first + HASTY.answer / 2, "whoever asks later does not wait"
        await part.until_told(True, False)
        own_redis.wake()
        await part.until_told(True, False, True)
        assert await part.limiter.reserve(["chat"]) == 0
