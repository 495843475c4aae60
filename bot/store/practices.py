"""Which items are nobody's, because a team only practises on them. They are never many."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import bindparam, func, insert, select

from bot.model.ids import BrandId, CardId, ChannelId, ItemId, MemberId, Moment
from bot.model.item import UNDECIDED, ItemState
from bot.model.practice import LastYes, Practice
from bot.store.by_keys import ByKeys
from bot.store.connection import Connection
from bot.store.schema import approval, item, member, practice, publication
from bot.store.statement import Statement

_UNFINISHED = [state.value for state in sorted(UNDECIDED | {ItemState.NEW})]

_ADD = Statement(insert(practice))
_SOME = ByKeys(select(practice), practice.c.item_id)
_OPEN = Statement(
    select(practice)
    .join(item, item.c.id == practice.c.item_id)
    .where(item.c.brand_id == bindparam("brand_id"), item.c.state.in_(_UNFINISHED))
    .order_by(practice.c.item_id)
)
_COUNT = Statement(select(func.count()).select_from(practice))
_ENDED = ByKeys(
    select(publication.c.item_id, publication.c.created_at, approval.c.version, member.c.name)
    .join(approval, approval.c.id == publication.c.approval_id)
    .join(member, member.c.id == approval.c.member_id)
    .order_by(publication.c.id),
    publication.c.item_id,
)


class Practices:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    def add(self, begun: Practice) -> None:
        row = {
            "item_id": begun.item_id,
            "card_id": begun.card_id,
            "channel_id": begun.channel_id,
            "member_id": begun.member_id,
            "begun_at": begun.begun_at,
        }
        self._c.execute(_ADD, row)

    def some(self, ids: Collection[ItemId]) -> dict[ItemId, Practice]:
        """Those of these items that are practice."""
        return {ItemId(r.item_id): _practice(r) for r in _SOME.rows(self._c, ids, {})}

    def unfinished(self, brand_id: BrandId) -> list[Practice]:
        """Those about which nobody has decided."""
        return [_practice(r) for r in self._c.execute(_OPEN, {"brand_id": brand_id})]

    def how_many(self) -> int:
        """Ever begun, of all brands."""
        return int(self._c.execute(_COUNT).scalar_one())

    def last_yeses(self, ids: Collection[ItemId]) -> dict[ItemId, LastYes]:
        """Of the latest reply to each."""
        return {
            ItemId(r.item_id): LastYes(r.name, r.version, Moment(r.created_at))
            for r in _ENDED.rows(self._c, ids, {})
        }


def _practice(r: Any) -> Practice:
    return Practice(
        item_id=ItemId(r.item_id),
        card_id=CardId(r.card_id),
        channel_id=None if r.channel_id is None else ChannelId(r.channel_id),
        member_id=MemberId(r.member_id),
        begun_at=Moment(r.begun_at),
    )
