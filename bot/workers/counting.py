"""Counting what happened: domain events become metrics as they are committed."""

from __future__ import annotations

from bot.metrics import Metrics
from bot.model.event import Event, EventKind
from bot.model.publication import PublicationState
from bot.ports import EventFeed

_MOVES = {
    EventKind.PUBLICATION_QUEUED: PublicationState.QUEUED,
    EventKind.PUBLICATION_SENDING: PublicationState.SENDING,
    EventKind.PUBLICATION_UNKNOWN: PublicationState.UNKNOWN,
    EventKind.PUBLICATION_PUBLISHED: PublicationState.PUBLISHED,
    EventKind.PUBLICATION_NEEDS_HUMAN: PublicationState.NEEDS_HUMAN,
    EventKind.PUBLICATION_FAILED: PublicationState.FAILED,
    EventKind.PUBLICATION_CANCELLED: PublicationState.CANCELLED,
}


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
