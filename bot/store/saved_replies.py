"""Saved replies, one row for each name and language of a brand."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, delete, func, select, update

from bot.model.ids import BrandId, MemberId, Moment, SavedReplyId
from bot.model.saved_reply import SavedReply
from bot.store.connection import Connection
from bot.store.schema import saved_reply
from bot.store.statement import Statement
from bot.store.upsert import Upsert

_THIS = saved_reply.c.id == bindparam("b_id")
_OF_BRAND = saved_reply.c.brand_id == bindparam("brand_id")
_ALL = Statement(
    select(saved_reply)
    .where(_OF_BRAND)
    .order_by(saved_reply.c.used.desc(), saved_reply.c.name, saved_reply.c.language)
)
_GET = Statement(select(saved_reply).where(saved_reply.c.id == bindparam("id")))
_SAME = Statement(
    select(saved_reply).where(
        _OF_BRAND,
        saved_reply.c.name == bindparam("name"),
        saved_reply.c.language == bindparam("language"),
    )
)
_PUT = Upsert(
    saved_reply,
    lambda kept: kept.on_conflict_do_update(
        index_elements=["brand_id", "name", "language"],
        set_={
            "text": kept.excluded.text,
            "owner_id": kept.excluded.owner_id,
            "saved_at": kept.excluded.saved_at,
        },
    ),
)
_COUNT = Statement(select(func.count()).select_from(saved_reply).where(_OF_BRAND))
_USED = Statement(update(saved_reply).where(_THIS).values(used=saved_reply.c.used + 1))
_DROP = Statement(delete(saved_reply).where(_THIS))


class SavedReplies:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    def of_brand(self, brand_id: BrandId) -> list[SavedReply]:
        """What is used most comes first."""
        return [_reply(r) for r in self._c.execute(_ALL, {"brand_id": brand_id})]

    def maybe(self, reply_id: SavedReplyId) -> SavedReply | None:
        row = self._c.execute(_GET, {"id": reply_id}).one_or_none()
        return None if row is None else _reply(row)

    def named(self, brand_id: BrandId, name: str, language: str) -> SavedReply | None:
        same = {"brand_id": brand_id, "name": name, "language": language}
        row = self._c.execute(_SAME, same).one_or_none()
        return None if row is None else _reply(row)

    def count(self, brand_id: BrandId) -> int:
        return int(self._c.execute(_COUNT, {"brand_id": brand_id}).scalar_one())

    def put(
        self,
        brand_id: BrandId,
        name: str,
        language: str,
        text: str,
        owner_id: MemberId,
        at: Moment,
    ) -> None:
        """New under this name in this language, or in place of what stood there."""
        row = {
            "brand_id": brand_id,
            "name": name,
            "language": language,
            "text": text,
            "owner_id": owner_id,
            "saved_at": at,
        }
        self._c.execute(_PUT[self._c.dialect.name], row)

    def count_use(self, reply_id: SavedReplyId) -> None:
        self._c.execute(_USED, {"b_id": reply_id})

    def drop(self, reply_id: SavedReplyId) -> None:
        self._c.execute(_DROP, {"b_id": reply_id})


def _reply(r: Any) -> SavedReply:
    return SavedReply(
        id=SavedReplyId(r.id),
        brand_id=BrandId(r.brand_id),
        name=r.name,
        language=r.language,
        text=r.text,
        owner_id=MemberId(r.owner_id),
        saved_at=Moment(r.saved_at),
        used=r.used,
    )
