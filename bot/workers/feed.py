"""Feeding other programs: every committed event is copied into a stream that they read.

The row's lease is the election of the one process that copies. That is only for thrift: should two
of them copy for a moment, each event still stands in the stream once.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.errors import CoordinationLost
from bot.logs import get_logger
from bot.model.due import NEVER_DEAD, DueRow, Lane, NewDue
from bot.model.ids import MINUTE, SECOND, EventId
from bot.ports import EventFeed, EventStream, Wakeup
from bot.services.publishing import put_off
from bot.store.store import Store
from bot.store.tx import Tx

BATCH = 200
IDLE_SECONDS = 5.0
AWAY = 2 * SECOND
"""How long a stream that does not answer is left alone, in milliseconds."""


def set_to_feed(tx: Tx, commands: Sequence[None]) -> list[None]:
    """The one row of the stream, due now."""
    now = tx.now()
    tx.due.add([NewDue("feed", "feed", Lane.STREAMS, now, {}, MINUTE, NEVER_DEAD)])
    tx.due.hurry("feed", now)
    return [None] * len(commands)


class FeedTask:
    """Runs until its lease is lost, its process stops, or the stream does not answer."""

    def __init__(self, store: Store, feed: EventFeed, stream: EventStream, wakeup: Wakeup) -> None:
        self._store = store
        self._feed = feed
        self._stream = stream
        self._wakeup = wakeup
        self._log = get_logger("feed")

    async def __call__(self, row: DueRow) -> None:
        try:
            wait = await self._feed_it()
        except CoordinationLost:
            wait = AWAY
        await self._store.write(put_off, (row, wait))

    async def _feed_it(self) -> int:
        """Milliseconds until it is to be begun again."""
        if await self._is_of_another_past():
            await self._stream.begin_anew()
            self._log.warning("event_stream_begun_anew")
            return MINUTE
        await self._copy()
        return SECOND

    async def _is_of_another_past(self) -> bool:
        """A copy of what the database does not hold: it was restored from a backup.

        Should two desks have been given one Redis by mistake, they take turns once a minute.
        """
        end = await self._stream.append((), EventId(0))
        return end > await self._newest()

    async def _copy(self) -> None:
        """For ever, or until the stream ends elsewhere than it was left: it was flushed."""
        end, last = await self._beginning()
        async with self._wakeup.bell() as bell:
            while True:
                events = await self._feed.since(last, BATCH)
                left = events[-1].id if events else end
                end = await self._stream.append(events, end)
                if end != left:
                    return
                if events:
                    last = end
                else:
                    await bell.wait(IDLE_SECONDS)

    async def _beginning(self) -> tuple[EventId, EventId]:
        """The stream's end, and after which event to go on: no further back than it keeps any."""
        end = await self._stream.append((), EventId(0))
        return end, EventId(max(end, await self._newest() - self._stream.keeps))

    async def _newest(self) -> EventId:
        return await self._store.read(lambda tx: tx.events.latest())
