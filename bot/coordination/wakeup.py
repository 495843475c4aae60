"""Wakes the loops of this process when something was committed, here or next door.

In one process the store rings after a commit that left something to do, and for who follows the
events after each. Two processes on one SQLite file watch its
`data_version`, which changes when the other one commits and costs microseconds to read. On
PostgreSQL there is nothing cheap to watch: everybody looks twice a second, and is told at once as
well where there is Redis (`bot.coordination.redis.bells`).
A ring between two waits is kept; a lost one costs one poll.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from bot.ports import Bell

WATCH_SECONDS = 0.015
POLL_SECONDS = 0.5


class LocalWakeup:
    """Implements `bot.ports.Wakeup`. `ring` must be called in the event loop.

    Whatever rings here rings `beside` too: who waits for work need not hear of every commit, who
    waits for news must hear of both.
    """

    def __init__(self, *beside: LocalWakeup) -> None:
        self._bells: set[LocalBell] = set()
        self._beside = beside

    def ring(self) -> None:
        for bell in self._bells:
            bell.ring()
        for wakeup in self._beside:
            wakeup.ring()

    @asynccontextmanager
    async def bell(self) -> AsyncIterator[Bell]:
        bell = LocalBell()
        self._bells.add(bell)
        try:
            yield bell
        finally:
            self._bells.discard(bell)


class LocalBell:
    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        self._rung.set()

    async def wait(self, seconds: float) -> None:
        """Return at the next ring, at once if it rang since the last wait, or after `seconds`."""
        if not self._rung.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._rung.wait()
        self._rung.clear()


async def watch(
    wakeup: LocalWakeup, version: Callable[[], int], seconds: float = WATCH_SECONDS
) -> None:
    """Ring whenever `version()` changes; runs until cancelled.

    For two processes on one SQLite file: `version` is `bot.store.data_version.DataVersion`.
    """
    last = version()
    while True:
        await asyncio.sleep(seconds)
        seen = version()
        if seen != last:
            last = seen
            wakeup.ring()


async def poll(wakeup: LocalWakeup, seconds: float = POLL_SECONDS) -> None:
    """Ring at a steady pace; runs until cancelled. For PostgreSQL."""
    while True:
        await asyncio.sleep(seconds)
        wakeup.ring()
