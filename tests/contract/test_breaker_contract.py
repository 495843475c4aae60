"""What a circuit breaker promises: of one process, and of all that share a Redis."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from bot.coordination.breaker import LocalBreaker
from bot.coordination.redis.breaker import RedisBreaker
from bot.coordination.redis.line import RedisLine
from bot.model.breaker import BREAKER_RULE
from bot.model.ids import Moment, Monotonic
from bot.ports import Breaker
from tests.contract.redis_case import PATIENT, unheard
from tests.redis_server import RedisServer

REST = BREAKER_RULE.rest


class SkewedClock:
    """The time of this machine, moved by the test; Redis adds the same skew."""

    def __init__(self) -> None:
        self.skew = 0

    def now(self) -> Moment:
        return Moment(time.time_ns() // 1_000_000 + self.skew)

    def monotonic(self) -> Monotonic:
        return Monotonic(time.monotonic() + self.skew / 1000)

    def advance(self, seconds: float) -> None:
        self.skew += round(seconds * 1000)


@pytest.fixture
def clock() -> SkewedClock:
    return SkewedClock()


@pytest.fixture(params=["local", pytest.param("redis", marks=pytest.mark.redis)])
async def breaker(request: pytest.FixtureRequest, clock: SkewedClock) -> AsyncIterator[Breaker]:
    if request.param == "local":
        yield LocalBreaker(clock.monotonic)
        return
    line = RedisLine(request.getfixturevalue("redis_url"), clock, unheard, PATIENT)
    yield RedisBreaker(line, "model", clock)
    await line.close()


async def fail(breaker: Breaker, times: int = BREAKER_RULE.failures) -> None:
    for _ in range(times):
        await breaker.failed()


def is_about(seconds: float, wanted: float) -> bool:
    """The test itself takes a moment."""
    return wanted / 2 < seconds <= wanted


async def test_it_is_closed_until_the_fifth_failure_in_a_row(breaker: Breaker) -> None:
    await fail(breaker, 4)
    assert await breaker.enter() == 0
    await breaker.succeeded()
    await fail(breaker, 4)
    assert await breaker.seconds_left() == 0
    await fail(breaker, 1)
    assert is_about(await breaker.seconds_left(), REST)
    assert is_about(await breaker.enter(), REST)


async def test_failures_that_are_far_apart_do_not_open_it(
    breaker: Breaker, clock: SkewedClock
) -> None:
    for _ in range(10):
        await fail(breaker, 1)
        clock.advance(BREAKER_RULE.within / 3)
    assert await breaker.enter() == 0


async def test_after_the_rest_one_is_let_in_and_the_others_wait(
    breaker: Breaker, clock: SkewedClock
) -> None:
    await fail(breaker)
    clock.advance(REST)
    assert await breaker.seconds_left() == 0
    let_in = await asyncio.gather(*(breaker.enter() for _ in range(10)))
    assert sorted(let_in)[0] == 0
    assert all(is_about(left, REST) for left in sorted(let_in)[1:])


async def test_a_trial_that_succeeds_closes_it_and_one_that_fails_rests_again(
    breaker: Breaker, clock: SkewedClock
) -> None:
    await fail(breaker)
    clock.advance(REST)
    assert await breaker.enter() == 0
    await breaker.failed()
    assert is_about(await breaker.enter(), REST)
    clock.advance(REST)
    assert await breaker.enter() == 0
    await breaker.succeeded()
    assert await breaker.enter() == await breaker.enter() == 0
    await fail(breaker, 4)
    assert await breaker.enter() == 0


@pytest.mark.redis
async def test_what_one_process_learnt_all_processes_know_and_each_server_has_its_own(
    redis_url: str, clock: SkewedClock
) -> None:
    line, other_line = (RedisLine(redis_url, clock, unheard, PATIENT) for _ in range(2))
    one, other = RedisBreaker(line, "model", clock), RedisBreaker(other_line, "model", clock)
    await fail(one, 3)
    await fail(other, 2)
    assert is_about(await one.enter(), REST)
    assert is_about(await other.enter(), REST)
    assert await RedisBreaker(line, "another", clock).enter() == 0
    await other.succeeded()
    assert await one.enter() == 0
    await line.close()
    await other_line.close()


@pytest.mark.redis
async def test_without_redis_each_process_goes_by_what_it_saw_itself(
    own_redis: RedisServer, clock: SkewedClock
) -> None:
    line = RedisLine(own_redis.url, clock, unheard, PATIENT)
    breaker = RedisBreaker(line, "model", clock)
    await fail(breaker, 3)
    own_redis.stop()
    await fail(breaker, 2)
    assert is_about(await breaker.enter(), REST)
    clock.advance(REST)
    assert await breaker.enter() == 0
    await breaker.succeeded()
    assert await breaker.enter() == 0
    await line.close()
