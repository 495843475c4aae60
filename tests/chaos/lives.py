"""The lives and deaths of a desk: at a named point, at a random moment, paused and woken.

A death is followed by the next life at once, as under any supervisor. Measured is the time from a
death to the first webhook that the next life accepts: signed, stored, and answered with 200.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import aiohttp

from bot.faults import FaultPoint
from integrations.sandbox.faults import Shot
from integrations.sandbox.hooks import signed_headers
from integrations.sandbox.personas import BRAND
from integrations.sandbox.server import SandboxServer
from tests.chaos.book import Book
from tests.chaos.people import burst
from tests.e2e.process import HOOK_SECRET, DeskHome, DeskProcess
from tests.fakes.relay_tool import RelayTool

DIES_WITHIN = 60.0
"""Seconds in which a named point must be passed often enough; the machine may be busy."""
MORE_EVERY, MORE = 3.0, 3
"""After so many seconds of waiting so many more comments are written."""
KNOCK_SECONDS = 0.01
_SOON = aiohttp.ClientTimeout(total=5)

MOST_PASSAGES: Mapping[FaultPoint, int] = {
    FaultPoint.BOOT_RECONCILE: 1,
    FaultPoint.POLL_PAGE: 3,
    FaultPoint.POLL_CURSOR: 3,
    FaultPoint.PUBLISH_RECONCILE: 4,
}
"""Which passage kills at the latest; of other points the twelfth, so that the desk is at work."""


WAYS = ("start", "while", "write", "answer", "answer", "press", "card")


@dataclass(slots=True)
class Toll:
    """What the lives of a slice were."""

    deaths: int = 0
    at_point: Counter[str] = field(default_factory=Counter)
    """Deaths at a named point, and not of something else."""
    pauses: int = 0
    missed: Counter[str] = field(default_factory=Counter)
    """Lives that ended by hand because their point was not passed often enough."""
    back_after_ms: list[int] = field(default_factory=list)
    """From each death to the first webhook that the next life accepted."""


@dataclass(slots=True)
class Lives:
    """Runs `replydesk run` again and again; `environment` names the database."""

    home: DeskHome
    sandbox: SandboxServer
    tool: RelayTool
    book: Book
    chance: random.Random
    environment: Mapping[str, str]
    post_id: int
    """Under which customers write."""
    toll: Toll = field(default_factory=Toll)
    _died_at: float | None = None

    @asynccontextmanager
    async def living(self, more: Mapping[str, str] | None = None) -> AsyncIterator[DeskProcess]:
        """One life; once it accepts webhooks, how long that took is on record."""
        environment = {**self.environment, **(more or {})}
        async with self.home.running(environment=environment) as desk:
            accepted = asyncio.create_task(self.accepts(desk), name="knocking")
            try:
                yield desk
            finally:
                accepted.cancel()
                with suppress(asyncio.CancelledError):
                    await accepted

    async def accepts(self, desk: DeskProcess) -> bool:
        """Knock until the first webhook is taken; False when the desk died before."""
        async with aiohttp.ClientSession(timeout=_SOON) as http:
            while desk.is_alive:
                if await _knock(http, self.home.hook):
                    if self._died_at is not None:
                        passed = time.monotonic() - self._died_at
                        self.toll.back_after_ms.append(round(passed * 1000))
                        self._died_at = None
                    return True
                await asyncio.sleep(KNOCK_SECONDS)
        return False

    def died(self) -> None:
        self.toll.deaths += 1
        self._died_at = time.monotonic()

    # Named deaths

    async def to_the_point(self, point: FaultPoint) -> None:
        """A life that ends where it was told to."""
        passage = self.chance.randint(1, MOST_PASSAGES.get(point, 12))
        armed = {"REPLYDESK_CHAOS": "1", "REPLYDESK_KILL_AT": f"{point}:{passage}"}
        async with self.living(armed) as desk:
            if await self._dies(desk):
                self.toll.at_point[point] += 1
            else:
                self.toll.missed[point] += 1
                await desk.kill()
            self.died()

    async def _dies(self, desk: DeskProcess) -> bool:
        """Whether it came to its end by itself; meanwhile more and more is written."""
        begun = time.monotonic()
        while time.monotonic() - begun < DIES_WITHIN:
            if await desk.dies(MORE_EVERY):
                return True
            await self.write(MORE)
        return False

    async def write(self, count: int) -> None:
        await burst(self.sandbox.network, self.book, self.chance, self.post_id, count)

    # Random deaths

    async def to_a_random_end(self) -> None:
        """Ended while it starts, while it works, or in a delicate moment."""
        how = self.chance.choice(WAYS)
        count, later = self.chance.randint(1, 8), self.chance.random()
        async with self.living() as desk:
            if how == "start":
                await asyncio.sleep(later * 1.5)
            else:
                await desk.ready(self.home.url)
                await self._until(how, count, later)
            await desk.kill()
            self.died()

    async def _until(self, how: str, count: int, later: float) -> None:
        faults = self.sandbox.faults
        match how:
            case "while":
                await asyncio.sleep(later * 2.5)
            case "press":
                await more_of(lambda: len(self.book.done), count)
                await asyncio.sleep(later * 0.04)
            case "card":
                await more_of(lambda: len(self.tool.messages), count)
                await asyncio.sleep(later * 0.04)
            case "write":
                await more_of(lambda: faults.traffic.writes, count)
                await asyncio.sleep(later * 0.04)
            case _:
                # the network has acted, and its answer is on its way
                faults.strike_next(Shot.SLOW_ANSWER, writes_only=True)
                await more_of(lambda: int(Shot.SLOW_ANSWER not in faults.pending), 1)
                await asyncio.sleep(later * 0.3)


async def more_of(counted: Callable[[], int], more: int, seconds: float = 4.0) -> None:
    """Return in the very moment when there are so many more, or when the time is up."""
    wanted = counted() + more
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while counted() < wanted:  # noqa: ASYNC110 - what is counted knows no test
                await asyncio.sleep(0.001)


async def _knock(http: aiohttp.ClientSession, url: str) -> bool:
    """A genuine webhook that tells nothing; it is stored that the network was heard."""
    body = json.dumps({"delivery": "knock", "account": BRAND.id, "events": []}).encode()
    headers = signed_headers(HOOK_SECRET, time.time_ns() // 1_000_000, "knock", body)
    try:
        async with http.post(url, data=body, headers=headers) as answer:
            return answer.status == 200
    except (aiohttp.ClientError, TimeoutError, OSError):
        return False
