"""Ten thousand comments a minute under one post, with a threat of the law in the midst of them.

REPLYDESK_FLOOD says how many comments come (1,000; `make test-slow` has 10,000 come).
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing

from integrations.sandbox.server import SandboxServer
from tests.e2e.process import DeskHome

COMMENTS = int(os.environ.get("REPLYDESK_FLOOD", "1000"))
A_SECOND = 170
LEGAL = "KLEGAL I will sue you, my lawyer takes you to court."
MOST_CALLS_A_MINUTE = 60
MOST_SECONDS = 5.0
"""For the card of a legal risk."""
MOST_SECONDS_OF_A_PRESS = 1.0
"""For each, throughout; without what the process of the test, the chat's, stood still."""


class Stalls:
    """How long the loop of this very process, which plays network and chat, stood still."""

    _STEP = 0.01

    def __init__(self) -> None:
        self.seconds = 0.0

    async def watch(self) -> None:
        """Until cancelled."""
        while True:
            begun = time.monotonic()
            await asyncio.sleep(self._STEP)
            self.seconds += max(0.0, time.monotonic() - begun - 2 * self._STEP)


@asynccontextmanager
async def watched() -> AsyncIterator[Stalls]:
    stalls = Stalls()
    watching = asyncio.create_task(stalls.watch())
    try:
        yield stalls
    finally:
        watching.cancel()


async def flood(sandbox: SandboxServer) -> float:
    """Seconds that it took."""
    post, begun = await sandbox.network.publish_post("Slow mornings"), time.monotonic()
    for number in range(0, COMMENTS, A_SECOND):
        await asyncio.gather(
            *(
                sandbox.network.comment("maya", f"F{one} where is my order?", post_id=post.id)
                for one in range(number, min(number + A_SECOND, COMMENTS))
            )
        )
        await asyncio.sleep(max(0.0, begun + number / A_SECOND + 1 - time.monotonic()))
    return time.monotonic() - begun


async def legal_card(sandbox: SandboxServer, stands: Callable[[], Awaitable[object]]) -> float:
    """Seconds from a threat in the midst of it to its card, while other cards wait."""
    await asyncio.sleep(2.0)
    posts = await sandbox.network.posts(1)
    await sandbox.network.comment("maya", LEGAL, post_id=posts[0].id)
    begun = time.monotonic()
    await stands()
    return time.monotonic() - begun


async def all_here(home: DeskHome) -> bool:
    with closing(sqlite3.connect(home.database)) as db:
        found = db.execute("SELECT count(*) FROM item").fetchone()[0]
    return int(found) == COMMENTS + 1
