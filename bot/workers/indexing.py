"""The index of what can be searched, kept a few seconds behind what is committed."""

from __future__ import annotations

from collections.abc import Sequence

from bot.model.due import NEVER_DEAD, DueRow, Lane, NewDue
from bot.model.ids import SECOND, ItemId
from bot.ports import EventFeed
from bot.services.searching import Indexing, index
from bot.store.search import Progress
from bot.store.store import Store
from bot.store.tx import Tx

EVERY = 5 * SECOND
AT_ONCE = 25
"""Events, or items of before, in one transaction: nobody waits long behind it."""


def set_to_index(tx: Tx, commands: Sequence[None]) -> list[None]:
    """The one row of the index."""
    row = NewDue("search", "search", Lane.ANALYTICS, tx.now(), {}, EVERY, NEVER_DEAD)
    tx.due.add([row])
    return [None] * len(commands)


class IndexTask:
    def __init__(self, store: Store, feed: EventFeed) -> None:
        self._store = store
        self._feed = feed

    async def __call__(self, row: DueRow) -> None:
        last = await self._store.read(lambda tx: tx.search.progress()) or await self._first()
        events = await self._feed.since(last.event_id, AT_ONCE)
        earlier = await self._earlier(last) if not events else []
        reached = Progress(
            events[-1].id if events else last.event_id, earlier[-1] if earlier else last.below
        )
        goes_on = len(events) == AT_ONCE or bool(earlier)
        await self._store.write(index, Indexing(row, events, earlier, reached, goes_on))

    async def _first(self) -> Progress:
        """Items that are there already are taken up after what happens from now on."""
        latest = await self._feed.latest()
        newest = await self._store.read(lambda tx: tx.search.newest())
        return Progress(latest, ItemId(newest + 1))

    async def _earlier(self, last: Progress) -> Sequence[ItemId]:
        return await self._store.read(lambda tx: tx.search.earlier(last.below, AT_ONCE))
