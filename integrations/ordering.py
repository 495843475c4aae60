"""The order in which a batch tells: oldest first, each item once."""

from __future__ import annotations

from collections.abc import Iterable

from bot.model.ids import RemoteId
from bot.model.network import IncomingItem, Observation


def oldest_first(observations: Iterable[Observation]) -> tuple[Observation, ...]:
    """Items by time, each once, then what is no item."""
    items: dict[RemoteId, IncomingItem] = {}
    others: list[Observation] = []
    for one in observations:
        if isinstance(one, IncomingItem):
            items.setdefault(one.remote_id, one)
        else:
            others.append(one)
    return (*sorted(items.values(), key=lambda item: item.published_at), *others)
