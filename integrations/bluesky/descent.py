"""Going down a list that is sorted newest first, without losing what comes in meanwhile.

A leg remembers the newest moment it has seen. The next fetch begins at the top and goes down
until it is ten minutes below that moment; what is read twice is recognised by the core. When
there is more than one fetch may bring, the mark says where to go on, and `seen` moves up only
when the bottom was reached. A cursor of Bluesky's inbox is the moment of the last entry and
continues strictly below it, so entries of the same millisecond would be skipped: such a cursor
is lifted by a millisecond.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from bot.model.ids import MINUTE, Moment
from integrations.bluesky.lexicon import Raw
from integrations.bluesky.reading import iso, moment_of

OVERLAP = 10 * MINUTE
PAGE = 100
PAGES_FIRST = 2
PAGES_LATER = 5


class Mark(BaseModel):
    """Where a list stands. `page` and `newest` are set while a descent is interrupted."""

    model_config = ConfigDict(frozen=True)

    seen: Moment = Moment(0)
    newest: Moment = Moment(0)
    page: str = ""

    def floor(self, interesting_since: Moment | None) -> Moment:
        """Entries at or below this moment need not be read."""
        if self.seen:
            return Moment(max(0, self.seen - OVERLAP))
        return interesting_since or Moment(0)


@dataclass(frozen=True, slots=True)
class Page:
    """One answer: its entries newest first, and the server's cursor to the next."""

    entries: Sequence[Raw]
    onward: str | None


async def descend(
    read: Callable[[str], Awaitable[Page]],
    position: Callable[[Raw], Moment],
    mark: Mark,
    interesting_since: Moment | None,
) -> tuple[list[Raw], Mark]:
    """Entries newest first, and the mark to go on from.

    `read` takes a server's cursor or ''; `position` tells the moment that the list is sorted by.
    """
    floor = mark.floor(interesting_since)
    pages = PAGES_LATER if mark.seen else PAGES_FIRST
    entries: list[Raw] = []
    keys: set[str] = set()
    newest, page = mark.newest, mark.page
    for _ in range(pages):
        found = await read(page)
        fresh = [entry for entry in found.entries if _key(entry) not in keys]
        keys.update(_key(entry) for entry in fresh)
        entries += fresh
        newest = max([newest, *(position(entry) for entry in fresh)])
        if not found.onward or not found.entries or _bottom(found, position) <= floor:
            return entries, _arrived(mark, newest)
        page = _lifted(found.onward) if fresh else found.onward
    if not mark.seen:
        return entries, _arrived(mark, newest)
    return entries, Mark(seen=mark.seen, newest=newest, page=page)


def _arrived(mark: Mark, newest: Moment) -> Mark:
    """Nothing is left below. An empty list has been seen too: what comes next is all new."""
    return Mark(seen=max(mark.seen, newest, Moment(1)))


def _bottom(page: Page, position: Callable[[Raw], Moment]) -> float:
    """Where a page ends; an entry that does not tell its moment says nothing."""
    return next((at for one in reversed(page.entries) if (at := position(one))), math.inf)


def _key(entry: Raw) -> str:
    return f"{entry.get('uri')} {entry.get('reason')}"


def _lifted(cursor: str) -> str:
    try:
        return iso(Moment(moment_of(cursor) + 1))
    except ValueError:
        return cursor
