"""Who speaks to us again: what an author wrote before, and the comment that one answers."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ScalarSelect, func, or_, select

from bot.model.ids import ItemId
from bot.model.item import ItemKind, ItemState
from bot.store.by_keys import ByKeys
from bot.store.connection import Connection
from bot.store.schema import item

MOST_CONTACTS = 3
"""Of one author that a card shows."""

_before = item.alias("before")
_parent = item.alias("parent")
_MET = (
    _before.c.author_id == item.c.author_id,
    _before.c.id != item.c.id,
    # a backlog is read from its newest page back, so numbers do not tell what came first
    _before.c.published_at <= item.c.published_at,
    _before.c.text != "",
    _before.c.state != ItemState.GONE.value,
    # what was said in private is shown in private
    or_(_before.c.kind != ItemKind.MESSAGE.value, item.c.kind == ItemKind.MESSAGE.value),
)


def _nth(place: int) -> ScalarSelect[Any]:
    """The newest is the first; by the index of its author, however much they wrote."""
    last = _before.c.published_at.desc(), _before.c.id.desc()
    newest = select(_before.c.id).where(*_MET).order_by(*last)
    return newest.limit(1).offset(place).scalar_subquery()


_OF = ByKeys(
    select(
        item.c.id,
        select(func.count(_before.c.id)).where(*_MET).scalar_subquery().label("met"),
        *(_nth(place).label(f"n{place}") for place in range(MOST_CONTACTS)),
    ),
    item.c.id,
)
_ABOVE = ByKeys(
    select(item.c.id, _parent.c.id.label("above")).join(
        _parent,
        (_parent.c.account_id == item.c.account_id)
        & (_parent.c.remote_id == item.c.parent_remote_id),
    ),
    item.c.id,
)


@dataclass(frozen=True, slots=True)
class Met:
    """How much an author wrote before one of their items, and the last of it, newest first."""

    count: int
    ids: tuple[ItemId, ...]


class Contacts:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    def of(self, ids: Collection[ItemId]) -> dict[ItemId, Met]:
        """Of those of these whose author wrote before."""
        rows = _OF.rows(self._c, ids, {})
        return {ItemId(r.id): Met(int(r.met), _ids(r[2:])) for r in rows if r.met}

    def above(self, ids: Collection[ItemId]) -> dict[ItemId, ItemId]:
        """What each of these answers directly, where that is somebody's item."""
        return {ItemId(r.id): ItemId(r.above) for r in _ABOVE.rows(self._c, ids, {})}


def _ids(columns: Iterable[int | None]) -> tuple[ItemId, ...]:
    return tuple(ItemId(one) for one in columns if one is not None)
