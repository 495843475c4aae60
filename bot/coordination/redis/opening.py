"""Opens the line and all that hangs on it. A Redis that does not answer delays no start."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass

from bot.coordination.limits import Rates
from bot.coordination.redis.bells import RedisBells
from bot.coordination.redis.breaker import RedisBreaker
from bot.coordination.redis.limiter import RedisLimiter
from bot.coordination.redis.line import PATIENCE, Patience, RedisLine
from bot.coordination.redis.spending import RedisSpending
from bot.coordination.redis.stream import RedisStream
from bot.coordination.wakeup import LocalWakeup
from bot.ports import Clock
from bot.store.store import Store


def line_to(
    address: str, clock: Clock, tell: Callable[[bool], None], patience: Patience = PATIENCE
) -> RedisLine:
    """`tell` hears whether Redis answers, at every change."""
    return RedisLine(address, clock, tell, patience)


@dataclass(frozen=True, slots=True)
class Shared:
    limiter: RedisLimiter
    stream: RedisStream


@asynccontextmanager
async def shared(
    line: RedisLine,
    store: Store,
    wakeup: LocalWakeup,
    rates: Rates,
    clock: Clock,
    me: str,
) -> AsyncIterator[Shared]:
    """What all processes share, and bells that ring for others' commits until the block ends.

    `me` tells this process from all others. The line is closed at the end.
    """
    async with AsyncExitStack() as stack:
        stack.push_async_callback(line.close)
        limiter = RedisLimiter(line, store, rates, clock)
        bells = RedisBells(line, wakeup, me)
        store.on_commit(bells.announce)
        # The first look comes last: by then it is known what a Redis that answers must be told.
        for name, work in (("tell", bells.tell), ("listen", bells.listen), ("keep", line.keep)):
            task = asyncio.create_task(work(), name=f"redis-{name}")
            stack.push_async_callback(_ended, task)
        yield Shared(limiter, RedisStream(line))


async def probe(address: str, clock: Clock) -> str:
    """A sentence about a Redis that answers; CoordinationLost with one about any other."""
    line = RedisLine(address, clock, lambda _answers: None)
    try:
        began = clock.monotonic()
        about = await line.knock(lambda client: client.info("server"))
        took = round((clock.monotonic() - began) * 1000)
    finally:
        await line.close()
    return f"Redis {about.get('redis_version', '')} at {line.place} answered in {took} ms."


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


__all__ = ["RedisBreaker", "RedisSpending", "Shared", "line_to", "probe", "shared"]
