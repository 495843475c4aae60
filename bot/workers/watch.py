"""Watching the counts: the row's lease is the election of the one process that looks.

It looks at most once a second, and only when something was counted or a bucket is over. Nothing
is kept here but when it began, so whoever takes the lease over goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot.model.due import NEVER_DEAD, DueRow, Lane, NewDue
from bot.model.ids import MINUTE, SECOND
from bot.model.signal import BUCKET, bucket_of
from bot.ports import Clock, Wakeup
from bot.services.growing import Growing, growing
from bot.services.watching import Look, Watching
from bot.store.store import Store
from bot.store.tx import Tx

BETWEEN_LOOKS = 1.0
"""Seconds."""
BETWEEN_GROUPS = 5.0
"""Seconds until complaints are put in groups again."""


def set_to_watch(tx: Tx, commands: Sequence[None]) -> list[None]:
    """The one row of the watch, due now."""
    now = tx.now()
    tx.due.add([NewDue("watch", "watch", Lane.STREAMS, now, {}, MINUTE, NEVER_DEAD)])
    tx.due.hurry("watch", now)
    return [None] * len(commands)


class WatchTask:
    """Runs until its lease is lost or its process stops."""

    def __init__(
        self, store: Store, clock: Clock, wakeup: Wakeup, watching: Watching, growing: Growing
    ) -> None:
        self._store = store
        self._clock = clock
        self._wakeup = wakeup
        self._watching = watching
        self._growing = growing
        self._grouped_at = -BETWEEN_GROUPS

    async def __call__(self, row: DueRow) -> None:
        look = Look(self._clock.now())
        known: tuple[object, ...] = ()
        async with self._wakeup.bell() as bell:
            while True:
                news = await self._store.read(lambda tx: self._watching.news(tx, look))
                if news != known:
                    await self._look(look)
                    known = news
                await asyncio.sleep(BETWEEN_LOOKS)
                await bell.wait(self._until_a_bucket_is_over())

    async def _look(self, look: Look) -> None:
        if await self._store.read(lambda tx: self._watching.is_wanted(tx, look)):
            await self._store.write(self._watching.look, look)
        if self._clock.monotonic() - self._grouped_at >= BETWEEN_GROUPS:
            await self._group()

    async def _group(self) -> None:
        """Where reads are: putting two hundred texts in groups takes some tens of milliseconds."""
        now = self._clock.now()
        alerts = await self._store.read(lambda tx: growing(tx, now))
        if alerts:
            await self._store.write(self._growing.sound, alerts)
        self._grouped_at = self._clock.monotonic()

    def _until_a_bucket_is_over(self) -> float:
        """Seconds."""
        now = self._clock.now()
        return max(0.0, ((bucket_of(now) + 1) * BUCKET - now) / SECOND)
