"""Codes with which a member says who they are in another chat; only their hashes."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, delete

from bot.model.ids import MemberId, Moment
from bot.store.connection import Connection
from bot.store.schema import link_code
from bot.store.statement import Statement
from bot.store.upsert import Upsert

_PUT = Upsert(
    link_code,
    lambda made: made.on_conflict_do_update(
        index_elements=["member_id"],
        set_={
            "hash": made.excluded.hash,
            "chat": made.excluded.chat,
            "expires_at": made.excluded.expires_at,
        },
    ),
)
_SPEND = Statement(
    delete(link_code)
    .where(link_code.c.hash == bindparam("hash"), link_code.c.expires_at > bindparam("now"))
    .returning(link_code.c.member_id, link_code.c.chat)
)
_FORGET = Statement(delete(link_code).where(link_code.c.expires_at <= bindparam("now")))


@dataclass(frozen=True, slots=True)
class Spent:
    """Whose code it was, and the chat in which it was made."""

    member_id: MemberId
    chat: str


class LinkCodes:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    def put(self, member_id: MemberId, hash_: str, chat: str, expires_at: Moment) -> None:
        """The member's only one from now on."""
        row = {"member_id": member_id, "hash": hash_, "chat": chat, "expires_at": expires_at}
        self._c.execute(_PUT[self._c.dialect.name], row)

    def spend(self, hash_: str, now: Moment) -> Spent | None:
        """It works once and only in time."""
        row = self._c.execute(_SPEND, {"hash": hash_, "now": now}).one_or_none()
        return None if row is None else Spent(MemberId(row.member_id), row.chat)

    def forget_expired(self, now: Moment) -> None:
        self._c.execute(_FORGET, {"now": now})
