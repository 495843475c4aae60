"""Tells other processes of a commit, and rings here when one of them committed.

A message for each commit would be too many, and none may hold up a commit. So a commit leaves a
word and goes on; one task publishes as soon as it can, and what is committed meanwhile is told
with it. A message that is lost costs what every commit costs without Redis: half a second, until
everybody looks by themselves (`bot.coordination.wakeup.poll`).
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from bot.coordination.redis.line import RedisLine
from bot.coordination.wakeup import LocalWakeup
from bot.errors import CoordinationLost

GAP_SECONDS = 0.002
"""The shortest time between two messages of one process."""

QUIET_SECONDS = 5.0
"""After so long without a message the server is asked whether it still hears us."""

AGAIN_SECONDS = 1.0


class RedisBells:
    """`me` tells this process from all others."""

    def __init__(self, line: RedisLine, wakeup: LocalWakeup, me: str) -> None:
        self._line = line
        self._wakeup = wakeup
        self._me = me
        self._channel = f"replydesk:{line.number}:committed"
        self._news = asyncio.Event()

    def announce(self) -> None:
        """Something was committed here. Returns at once; call it in the event loop."""
        self._news.set()

    async def tell(self) -> None:
        """Publish what was announced, until cancelled."""
        while True:
            await self._news.wait()
            self._news.clear()
            with suppress(CoordinationLost):
                await self._line.ask(lambda client: client.publish(self._channel, self._me))
            await asyncio.sleep(GAP_SECONDS)

    async def listen(self) -> None:
        """Ring here whenever another process committed, until cancelled."""
        while True:
            with suppress(RedisError, OSError):
                async with self._line.client.pubsub() as ears:
                    await self._hear(ears)
            await asyncio.sleep(AGAIN_SECONDS)

    async def _hear(self, ears: PubSub) -> None:
        """Until the server has fallen silent; RedisError or OSError when the connection broke."""
        async with asyncio.timeout(self._line.patience.answer):
            await ears.subscribe(self._channel)
        is_asked = False
        while True:
            message = await ears.get_message(timeout=QUIET_SECONDS)
            if message is None:
                if is_asked:
                    return
                is_asked = True
                await ears.ping()
                continue
            is_asked = False
            # From "subscribe" on we hear everything; what was said before it must be looked for.
            if message["type"] == "subscribe" or message["data"] != self._me:
                self._wakeup.ring()
