"""Finding items by words, with the full text of the databases: FTS5, and `tsvector`.

Words are folded before they come here and hold letters and digits alone, so that nothing in them
can be an operator of a query. Each is looked for as the beginning of a word.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Select,
    TextClause,
    bindparam,
    delete,
    exists,
    func,
    select,
    text,
)

from bot.model.audience import Sight
from bot.model.ids import BrandId, EventId, ItemId
from bot.model.item import ItemState
from bot.store.among import among
from bot.store.by_keys import parts
from bot.store.connection import Connection
from bot.store.schema import item, search_progress, search_text
from bot.store.seen import item_is_seen, seen_by
from bot.store.statement import Statement
from bot.store.upsert import Upsert

_MATCHES = {
    "sqlite": text(
        "search_text.item_id IN (SELECT rowid FROM search_fts WHERE search_fts MATCH :terms)"
    ),
    "postgresql": text("to_tsvector('simple', search_text.words) @@ to_tsquery('simple', :terms)"),
}
_OF_BRAND = search_text.c.brand_id == bindparam("brand_id")
_IS_SEEN = exists().where(item.c.id == search_text.c.item_id, item_is_seen()).correlate(search_text)


def _find(*conditions: ColumnElement[bool] | TextClause) -> Statement[Select[int]]:
    found = select(search_text.c.item_id).where(_OF_BRAND, *conditions)
    newest = found.order_by(search_text.c.item_id.desc())
    return Statement(newest.limit(bindparam("limit")).offset(bindparam("offset")))


def _count(*conditions: ColumnElement[bool] | TextClause) -> Statement[Select[int]]:
    return Statement(select(func.count()).select_from(search_text).where(_OF_BRAND, *conditions))


_FIND = {dialect: _find(matches) for dialect, matches in _MATCHES.items()}
_COUNT = {dialect: _count(matches) for dialect, matches in _MATCHES.items()}
_FIND_SEEN = {dialect: _find(matches, _IS_SEEN) for dialect, matches in _MATCHES.items()}
_IS_ANSWERED = (
    exists()
    .where(item.c.id == search_text.c.item_id, item.c.state == ItemState.ANSWERED.value)
    .correlate(search_text)
)
_ANSWERED = {dialect: _find(matches, _IS_ANSWERED) for dialect, matches in _MATCHES.items()}
_ANSWERED_SEEN = {
    dialect: _find(matches, _IS_ANSWERED, _IS_SEEN) for dialect, matches in _MATCHES.items()
}
_COUNT_SEEN = {dialect: _count(matches, _IS_SEEN) for dialect, matches in _MATCHES.items()}
_PUT = Upsert(
    search_text,
    lambda added: added.on_conflict_do_update(
        index_elements=["item_id"], set_={"words": added.excluded.words}
    ),
)
_DROP = Statement(delete(search_text).where(among(search_text.c.item_id, "keys")))
_PROGRESS = Statement(select(search_progress))
_PLACE = Upsert(
    search_progress,
    lambda added: added.on_conflict_do_update(
        index_elements=["id"],
        set_={"event_id": added.excluded.event_id, "below": added.excluded.below},
    ),
)
_EARLIER = Statement(
    select(item.c.id)
    .where(item.c.id < bindparam("below"))
    .order_by(item.c.id.desc())
    .limit(bindparam("limit"))
)
_NEWEST = Statement(select(func.max(item.c.id)))


@dataclass(frozen=True, slots=True)
class Progress:
    """Of events all up to `event_id` are in the index, of items those from `below` on."""

    event_id: EventId
    below: ItemId


class Search:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    def find(
        self,
        brand_id: BrandId,
        words: Sequence[str],
        limit: int,
        offset: int,
        sight: Sight | None = None,
    ) -> list[ItemId]:
        """Items with all of these, newest first; without a `sight` all. No words, no items."""
        if not words:
            return []
        terms = {**self._terms(brand_id, words), "limit": limit, "offset": offset}
        found = _FIND if sight is None else _FIND_SEEN
        terms |= {} if sight is None else seen_by(sight)
        return [ItemId(r.item_id) for r in self._c.execute(found[self._c.dialect.name], terms)]

    def count(self, brand_id: BrandId, words: Sequence[str], sight: Sight | None = None) -> int:
        if not words:
            return 0
        terms = self._terms(brand_id, words)
        counted = _COUNT if sight is None else _COUNT_SEEN
        terms |= {} if sight is None else seen_by(sight)
        return int(self._c.execute(counted[self._c.dialect.name], terms).scalar_one())

    def answered(
        self, brand_id: BrandId, words: Sequence[str], limit: int, sight: Sight | None = None
    ) -> list[ItemId]:
        """Answered items with any of these, newest first."""
        if not words:
            return []
        terms = {**self._terms(brand_id, words, or_=True), "limit": limit, "offset": 0}
        found = _ANSWERED if sight is None else _ANSWERED_SEEN
        terms |= {} if sight is None else seen_by(sight)
        return [ItemId(r.item_id) for r in self._c.execute(found[self._c.dialect.name], terms)]

    def _terms(
        self, brand_id: BrandId, words: Sequence[str], *, or_: bool = False
    ) -> dict[str, object]:
        """Of all words, or of any."""
        if self._c.dialect.name == "sqlite":
            terms = (" OR " if or_ else " AND ").join(f'"{word}"*' for word in words)
        else:
            terms = (" | " if or_ else " & ").join(f"{word}:*" for word in words)
        return {"brand_id": brand_id, "terms": terms}

    def put(self, words: Mapping[ItemId, tuple[BrandId, str]]) -> None:
        """Of each item all its words, with blanks between, instead of those it had."""
        rows = [
            {"item_id": item_id, "brand_id": brand_id, "words": spelled}
            for item_id, (brand_id, spelled) in words.items()
        ]
        if rows:
            self._c.execute(_PUT[self._c.dialect.name], rows)

    def drop(self, items: Collection[ItemId]) -> None:
        for part in parts(list(items)):
            self._c.execute(_DROP, {"keys": part})

    def progress(self) -> Progress | None:
        """None before the first time."""
        row = self._c.execute(_PROGRESS).one_or_none()
        return None if row is None else Progress(EventId(row.event_id), ItemId(row.below))

    def progressed(self, now: Progress) -> None:
        row = {"id": 1, "event_id": now.event_id, "below": now.below}
        self._c.execute(_PLACE[self._c.dialect.name], row)

    def newest(self) -> ItemId:
        return ItemId(self._c.execute(_NEWEST).scalar() or 0)

    def earlier(self, below: ItemId, limit: int) -> list[ItemId]:
        """Items of lower numbers, newest first."""
        terms = {"below": below, "limit": limit}
        return [ItemId(r.id) for r in self._c.execute(_EARLIER, terms)]
