"""Counting what happened: domain events become metrics as they are committed."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Container, Sequence

from bot.errors import StoreError
from bot.metrics import Metrics
from bot.model.event import REACHED, Event, EventKind, Subject
from bot.model.ids import EventId, ItemId
from bot.ports import EventFeed, Wakeup
from bot.store.store import Store

COUNT_SECONDS = 1.0
"""Who collects metrics comes every few seconds: counting at every commit would only cost."""
IDLE_SECONDS = 5.0
"""The longest nap; whatever is committed ends it earlier."""
_MANY = 1_000
_MOVES = {kind: state for state, kind in REACHED.items()}


async def count_events(
    feed: EventFeed,
    metrics: Metrics,
    store: Store,
    news: Wakeup,
    *,
    seconds: float = COUNT_SECONDS,
) -> None:
    """Count from now on, a second at a time; runs until cancelled. Practice is no figure."""
    last = await feed.latest()
    async with news.bell() as bell:
        while True:
            last, is_whole = await _count_after(last, feed, metrics, store)
            if is_whole:
                await asyncio.sleep(seconds)
                await bell.wait(IDLE_SECONDS)


async def _count_after(
    last: EventId, feed: EventFeed, metrics: Metrics, store: Store
) -> tuple[EventId, bool]:
    """The last event that was counted, and whether it is the last one that there is."""
    events: Sequence[Event] = ()
    practised: Container[int] = ()
    # What cannot be read now is counted in a moment.
    with contextlib.suppress(StoreError):
        found = await feed.since(last, _MANY)
        events, practised = found, await practised_among(store, found)
    for event in events:
        if event.subject is not Subject.ITEM or event.subject_id not in practised:
            count(event, metrics)
        last = event.id
    return last, len(events) < _MANY


async def practised_among(store: Store, events: Sequence[Event]) -> Container[int]:
    """Those items among what happened that are nobody's."""
    items = {ItemId(one.subject_id) for one in events if one.subject is Subject.ITEM}
    return await store.read(lambda tx: tx.practices.some(items)) if items else ()


def count(event: Event, metrics: Metrics) -> None:
    if event.kind is EventKind.ITEM_RECEIVED:
        metrics.items_received(str(event.facts.get("network", "")))
    elif event.kind is EventKind.ITEM_TRIAGED:
        metrics.item_triaged(needs_reply=bool(event.facts.get("needs_reply")))
    elif event.kind is EventKind.DRAFT_SAVED:
        metrics.draft_saved(str(event.facts.get("origin", "member")))
    elif event.kind in _MOVES:
        metrics.publication_moved(_MOVES[event.kind].value)
