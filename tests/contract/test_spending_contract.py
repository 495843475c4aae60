"""What a counter of the day promises: of one process, and of all that share a Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.coordination.redis.line import RedisLine
from bot.coordination.redis.spending import RedisSpending
from bot.coordination.spending import LocalSpending
from bot.ports import Spending
from tests.contract.redis_case import PATIENT, unheard
from tests.fakes.clock import FakeClock
from tests.redis_server import RedisServer

DAY_SECONDS = 86_400


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(params=["local", pytest.param("redis", marks=pytest.mark.redis)])
async def spending(request: pytest.FixtureRequest, clock: FakeClock) -> AsyncIterator[Spending]:
    if request.param == "local":
        yield LocalSpending(clock)
        return
    line = RedisLine(request.getfixturevalue("redis_url"), clock, unheard, PATIENT)
    yield RedisSpending(line, "model", clock, "one")
    await line.close()


async def test_what_is_added_at_once_is_all_counted(spending: Spending) -> None:
    assert await spending.spent() == 0
    await asyncio.gather(*(spending.add(7) for _ in range(50)))
    assert await spending.spent() == 350


async def test_a_new_day_begins_at_nothing(spending: Spending, clock: FakeClock) -> None:
    await spending.add(100)
    clock.advance(DAY_SECONDS)
    assert await spending.spent() == 0
    await spending.add(5)
    assert await spending.spent() == 5


@pytest.mark.redis
async def test_processes_are_counted_together_a_dead_one_too_and_each_thing_apart(
    redis_url: str, clock: FakeClock
) -> None:
    line = RedisLine(redis_url, clock, unheard, PATIENT)
    one, other = (RedisSpending(line, "model", clock, name) for name in ("one", "other"))
    await one.add(10)
    await other.add(5)
    assert await one.spent() == await other.spent() == 15
    assert await RedisSpending(line, "model", clock, "after a restart").spent() == 15
    assert await RedisSpending(line, "another", clock, "one").spent() == 0
    await line.close()


@pytest.mark.redis
async def test_a_flush_forgets_nothing_that_a_living_process_used(
    redis_server: RedisServer, redis_url: str, clock: FakeClock
) -> None:
    line = RedisLine(redis_url, clock, unheard, PATIENT)
    one, other = (RedisSpending(line, "model", clock, name) for name in ("one", "other"))
    await one.add(10)
    await other.add(5)
    redis_server.flush()
    assert await one.spent() == 10
    assert await other.spent() == 15
    await line.close()


@pytest.mark.redis
async def test_without_redis_each_process_counts_its_own_and_only_that_dies_with_both(
    own_redis: RedisServer, clock: FakeClock
) -> None:
    line = RedisLine(own_redis.url, clock, unheard, PATIENT)
    one = RedisSpending(line, "model", clock, "one")
    await one.add(10)
    own_redis.stop()
    await one.add(5)
    assert await one.spent() == 15
    await line.close()
    own_redis.start()
    again = RedisLine(own_redis.url, clock, unheard, PATIENT)
    assert await RedisSpending(again, "model", clock, "two").spent() == 0
    await again.close()
