"""The two ways of reading comments, each with its own cursor.

`comments` brings what is new. WordPress cannot be asked for "ids above", and its `after` compares
local times that repeat when summer ends; so the leg walks down from the newest id until it meets
the highest id it knew. Ids only grow, so nothing can slip in below. Pages overlap, and a page
that does not meet the one before it (comments were removed in between) is read again further up.
When a flood is larger than one fetch may read, the cursor remembers how far down it came.

`changes` reads the newest comments of every status again and tells what became different: edits,
comments that went to spam or trash or came back, and those that were deleted for good.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace

from bot.model.network import Batch, Cursor, Leg, Removal
from integrations.wordpress.reading import COMMENT_FIELDS, Row, comment_id, observe, rows_in
from integrations.wordpress.site import WordPressSite

COMMENTS = Leg("comments")
CHANGES = Leg("changes")
LEGS = {COMMENTS: 30, CHANGES: 300}
"""Usual seconds between fetches."""

_PAGE = 100
_GLANCE = 20
_OVERLAP = 10
_PAGES_PER_FETCH = 10


@dataclass(frozen=True, slots=True)
class _Place:
    """Everything up to `floor` is known. While walking down: from `top`, `offset` rows done."""

    floor: int
    top: int = 0
    lowest: int = 0
    offset: int = 0


async def read_new(site: WordPressSite, me: int, since: Cursor | None) -> Batch:
    """Comments above the highest id known; at first the newest hundred."""
    if since is None:
        rows = await _page(site, "all", _PAGE, 0)
        return _batch(rows, me, _Place(max((row.id for row in rows), default=0)))
    return await _walk_down(site, me, _Place(**json.loads(since)))


async def _walk_down(site: WordPressSite, me: int, place: _Place) -> Batch:
    found: dict[int, Row] = {}
    for page_number in range(_PAGES_PER_FETCH):
        size = _PAGE if place.offset or page_number else _GLANCE
        rows = await _page(site, "all", size, place.offset)
        if _left_a_gap(place, rows):
            place = replace(place, offset=max(0, place.offset - _PAGE))
            continue
        found |= {row.id: row for row in rows if row.id > place.floor}
        place = _further(place, rows, size)
        if len(rows) < size or place.lowest <= place.floor:
            return _batch(found.values(), me, _Place(place.top))
    return _batch(found.values(), me, place, more=True)


def _left_a_gap(place: _Place, rows: Sequence[Row]) -> bool:
    """Rows above were removed since the last page, so this one begins too far down."""
    return bool(place.offset) and (not rows or rows[0].id < place.lowest)


def _further(place: _Place, rows: Sequence[Row], size: int) -> _Place:
    ids = [row.id for row in rows]
    return replace(
        place,
        top=max([place.floor, place.top, *ids]),
        lowest=min(ids, default=place.floor),
        offset=place.offset + size - _OVERLAP,
    )


def _batch(rows: Iterable[Row], me: int, place: _Place, *, more: bool = False) -> Batch:
    oldest_first = sorted(rows, key=lambda row: row.id)
    told = tuple(observe(row, me) for row in oldest_first)
    return Batch(told, Cursor(json.dumps(asdict(place))), more)


async def read_changes(site: WordPressSite, me: int, since: Cursor | None) -> Batch:
    """What differs among the newest hundred comments from what this leg saw last."""
    before: dict[str, str] = json.loads(since) if since else {}
    rows = sorted(await _page(site, "any", _PAGE, 0), key=lambda row: row.id)
    now = {str(row.id): row.digest for row in rows}
    told = [observe(row, me) for row in rows if before.get(str(row.id)) != row.digest]
    # What only sank below the page still exists; a hole above the page's end is a deletion.
    end = rows[0].id if len(rows) == _PAGE else 0
    missing = sorted(int(number) for number in before.keys() - now.keys())
    gone = [Removal(comment_id(number)) for number in missing if number > end]
    return Batch((*told, *gone), Cursor(json.dumps(now)))


async def _page(site: WordPressSite, status: str, size: int, offset: int) -> tuple[Row, ...]:
    return rows_in(
        await site.read(
            "/wp/v2/comments",
            [
                ("context", "edit"),
                ("type", "comment"),
                ("status", status),
                ("orderby", "id"),
                ("order", "desc"),
                ("per_page", str(size)),
                ("offset", str(offset)),
                ("_embed", "up"),
                ("_fields", f"{COMMENT_FIELDS},_links,_embedded"),
            ],
        )
    )
