"""Promises that replies made, of items and of whole brands."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from bot.model.ids import BrandId, ItemId, MemberId, Moment, PromiseId
from bot.model.promise import Promise, PromiseState
from bot.store.by_keys import ByKeys
from bot.store.connection import Connection
from bot.store.schema import promise
from bot.store.statement import Statement

_ADD = Statement(insert(promise).returning(promise.c.id))
_GET = Statement(select(promise).where(promise.c.id == bindparam("id")))
_IS_OPEN = promise.c.state == PromiseState.OPEN.value
_KEEP = Statement(
    update(promise)
    .where(promise.c.id == bindparam("b_id"), _IS_OPEN)
    .values(state=PromiseState.KEPT.value)
)
_OF_ITEMS = ByKeys(select(promise), promise.c.item_id)
_OPEN = Statement(
    select(promise)
    .where(promise.c.brand_id == bindparam("brand_id"), _IS_OPEN)
    .order_by(promise.c.due_at, promise.c.id)
    .limit(bindparam("limit"))
)


class Promises:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    def add(self, made: Promise) -> PromiseId:
        """Its id is the one returned, whatever `made` says."""
        values = {
            "brand_id": made.brand_id,
            "item_id": made.item_id,
            "member_id": made.member_id,
            "text": made.text,
            "made_at": made.made_at,
            "due_at": made.due_at,
            "state": made.state.value,
        }
        return PromiseId(self._c.execute(_ADD, values).scalar_one())

    def maybe(self, number: PromiseId) -> Promise | None:
        row = self._c.execute(_GET, {"id": number}).one_or_none()
        return None if row is None else _promise(row)

    def keep(self, number: PromiseId) -> bool:
        """False when it was kept before."""
        return self._c.execute(_KEEP, {"b_id": number}).rowcount == 1

    def of_items(self, items: Collection[ItemId]) -> dict[ItemId, list[Promise]]:
        """Of each, oldest first."""
        found: dict[ItemId, list[Promise]] = {}
        for row in sorted(_OF_ITEMS.rows(self._c, items, {}), key=lambda r: r.id):
            found.setdefault(ItemId(row.item_id), []).append(_promise(row))
        return found

    def open_in(self, brand_id: BrandId, limit: int) -> list[Promise]:
        """What is due first comes first."""
        rows = self._c.execute(_OPEN, {"brand_id": brand_id, "limit": limit})
        return [_promise(r) for r in rows]


def _promise(r: Any) -> Promise:
    return Promise(
        id=PromiseId(r.id),
        brand_id=BrandId(r.brand_id),
        item_id=ItemId(r.item_id),
        member_id=MemberId(r.member_id),
        text=r.text,
        made_at=Moment(r.made_at),
        due_at=Moment(r.due_at),
        state=PromiseState(r.state),
    )
