"""What the contract suites over Redis share: a line to it, and what hangs on the line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace

from bot.coordination.clock import SystemClock
from bot.coordination.limits import Rates
from bot.coordination.redis.limiter import RedisLimiter
from bot.coordination.redis.line import Patience, RedisLine
from bot.coordination.redis.opening import line_to, shared
from bot.coordination.redis.stream import RedisStream
from bot.coordination.wakeup import LocalWakeup
from bot.errors import CoordinationLost
from bot.ports import Clock
from bot.store.store import Store
from tests.contract.store_case import opened
from tests.patience import PATIENCE

PATIENT = Patience(answer=60.0, look=0.1, rest=0.05, longest_rest=1.0, steady=0.0)
"""For tests in which Redis answers or refuses: a machine that is busy is no loss."""

HASTY = replace(PATIENT, answer=1.0)
"""For tests in which it hangs."""

SOON = PATIENCE


def unheard(_answers: bool) -> None:
    """For who need not hear whether Redis answers."""


@asynccontextmanager
async def redis_limiter(
    redis_url: str, behind: str, clock: Clock, rates: Rates
) -> AsyncIterator[RedisLimiter]:
    """As one process of a desk has it; `behind` is the address of its store."""
    line = line_to(redis_url, clock, unheard, PATIENT)
    async with (
        opened(behind) as store,
        shared(line, store, LocalWakeup(), rates, clock, "one") as it,
    ):
        yield it.limiter


@dataclass(frozen=True, slots=True)
class Part:
    """One process's part of a Redis, with what a test looks at."""

    line: RedisLine
    limiter: RedisLimiter
    stream: RedisStream
    store: Store
    wakeup: LocalWakeup
    told: list[bool]
    """Whether Redis answered, at every change."""

    async def until_told(self, *told: bool) -> None:
        """Until it was told exactly this since the start."""
        await eventually(lambda: self.told == [*told])


@asynccontextmanager
async def taking_part(
    redis_url: str,
    behind: str,
    rates: Rates,
    *,
    clock: Clock | None = None,
    patience: Patience = PATIENT,
    me: str = "one",
) -> AsyncIterator[Part]:
    told: list[bool] = []
    now = clock or SystemClock()
    wakeup = LocalWakeup()
    line = line_to(redis_url, now, told.append, patience)
    async with (
        opened(behind) as store,
        shared(line, store, wakeup, rates, now, me) as it,
    ):
        store.on_commit(wakeup.ring)
        yield Part(line, it.limiter, it.stream, store, wakeup, told)


async def eventually(is_so: Callable[[], bool], seconds: float = SOON) -> None:
    async with asyncio.timeout(seconds):
        while not is_so():  # noqa: ASYNC110 - what is looked at knows no event
            await asyncio.sleep(0.005)


async def eventually_answers(line: RedisLine) -> None:
    async with asyncio.timeout(SOON):
        while True:
            with suppress(CoordinationLost):
                await line.ask(lambda client: client.ping())
                return
            await asyncio.sleep(0.005)
