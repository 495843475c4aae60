"""Counting what happened: domain events become metrics as they are committed."""

from __future__ import annotations

from bot.metrics import Metrics
from bot.model.event import REACHED, Event, EventKind
from bot.ports import EventFeed

_MOVES = {kind: state for state, kind in REACHED.items()}


async def count_events(feed: EventFeed, metrics: Metrics) -> None:
    """Follow the feed from now on; runs until cancelled."""
    async for event in feed.follow(await feed.latest()):
        count(event, metrics)


def count(event: Event, metrics: Metrics) -> None:
    if event.kind is EventKind.ITEM_RECEIVED:
        metrics.items_received(str(event.facts.get("network", "")))
    elif event.kind is EventKind.ITEM_TRIAGED:
        metrics.item_triaged(needs_reply=bool(event.facts.get("needs_reply")))
    elif event.kind is EventKind.DRAFT_SAVED:
        metrics.draft_saved(str(event.facts.get("origin", "member")))
    elif event.kind in _MOVES:
        metrics.publication_moved(_MOVES[event.kind].value)
