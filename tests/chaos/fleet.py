"""One web and two worker processes on one database; one of them at a time is struck.

A killed one is started again at once. A paused one is woken after its leases have run out and its
work was taken over: whatever it still does then must come to nothing. Now and then Redis is
flushed, hangs or dies as well.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from tests.chaos.lives import Lives
from tests.chaos.weather import LEASE_SECONDS
from tests.e2e.process import DeskProcess
from tests.redis_server import RedisServer

PARTS: Sequence[tuple[str, ...]] = (("--only", "web"), ("--only", "worker"), ("--only", "worker"))
WEB = 0


@dataclass(slots=True)
class Fleet:
    lives: Lives
    redis: RedisServer | None
    _processes: list[DeskProcess] = field(default_factory=list)
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with self._stack:
            for number in range(len(PARTS)):
                self._processes.append(await self._start(number))
            assert await self.lives.accepts(self._processes[WEB])
            yield
        self._processes.clear()

    async def disturb(self) -> None:
        """Something happens to one of them, after a moment in which all were at work."""
        chance = self.lives.chance
        await asyncio.sleep(chance.uniform(0.2, 1.5))
        if self.redis is not None and chance.random() < 0.3:
            await _strike(self.redis, chance)
        number = chance.randrange(len(PARTS))
        if chance.random() < 0.3:
            await self._pause(number, LEASE_SECONDS + chance.uniform(0.5, 2.5))
        else:
            await self._kill(number)

    async def _kill(self, number: int) -> None:
        await self._processes[number].kill()
        if number == WEB:
            self.lives.died()
        else:
            self.lives.toll.deaths += 1
        self._processes[number] = await self._start(number)
        if number == WEB:
            assert await self.lives.accepts(self._processes[WEB])

    async def _pause(self, number: int, seconds: float) -> None:
        self._processes[number].pause()
        self.lives.toll.pauses += 1
        try:
            await asyncio.sleep(seconds)
        finally:
            self._processes[number].wake()

    async def _start(self, number: int) -> DeskProcess:
        running = self.lives.home.running(
            *PARTS[number], environment=self.lives.environment, number=number
        )
        return await self._stack.enter_async_context(running)


async def _strike(redis: RedisServer, chance: random.Random) -> None:
    match chance.choice(["flush", "pause", "stop"]):
        case "flush":
            await asyncio.to_thread(redis.flush)
        case "pause":
            redis.pause()
            await asyncio.sleep(chance.uniform(0.5, 2.0))
            redis.wake()
        case _:
            redis.stop()
            await asyncio.sleep(chance.uniform(0.2, 1.0))
            await asyncio.to_thread(redis.start)
