"""Holding statements, a row for each version."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, func, insert, select, update

from bot.model.holding import HoldingStatement
from bot.model.ids import BrandId, MemberId, Moment, StatementId
from bot.store.connection import Connection
from bot.store.schema import holding_statement
from bot.store.statement import Statement

_OF_BRAND = holding_statement.c.brand_id == bindparam("brand_id")
_SAME = (
    _OF_BRAND
    & (holding_statement.c.name == bindparam("name"))
    & (holding_statement.c.language == bindparam("language"))
)
_ADD = Statement(insert(holding_statement).returning(holding_statement.c.id))
_GET = Statement(select(holding_statement).where(holding_statement.c.id == bindparam("id")))
_LAST = Statement(select(func.max(holding_statement.c.version)).where(_SAME))
_NOTE = Statement(update(holding_statement).where(holding_statement.c.id == bindparam("b_id")))
_USABLE = Statement(
    select(holding_statement)
    .where(
        _OF_BRAND,
        holding_statement.c.approved_at.is_not(None),
        holding_statement.c.retired_at.is_(None),
        holding_statement.c.expires_at > bindparam("now"),
    )
    .order_by(holding_statement.c.name, holding_statement.c.language, holding_statement.c.version)
)


class Holding:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    def get(self, statement_id: StatementId) -> HoldingStatement:
        return _statement(self._c.execute(_GET, {"id": statement_id}).one())

    def maybe(self, statement_id: StatementId) -> HoldingStatement | None:
        row = self._c.execute(_GET, {"id": statement_id}).one_or_none()
        return None if row is None else _statement(row)

    def add(
        self,
        brand_id: BrandId,
        name: str,
        language: str,
        text: str,
        owner_id: MemberId,
        at: Moment,
        expires_at: Moment,
    ) -> StatementId:
        """The next version under this name, in this language."""
        same = {"brand_id": brand_id, "name": name, "language": language}
        last = self._c.execute(_LAST, same).scalar_one()
        values = {
            **same,
            "version": (last or 0) + 1,
            "text": text,
            "owner_id": owner_id,
            "written_at": at,
            "expires_at": expires_at,
        }
        return StatementId(self._c.execute(_ADD, values).scalar_one())

    def note(self, statement_id: StatementId, **values: Any) -> None:
        """Set columns; whoever decides holds the lock of the card."""
        self._c.execute(_NOTE, {"b_id": statement_id, **values})

    def usable(self, brand_id: BrandId, now: Moment) -> list[HoldingStatement]:
        """Of each name and language the latest version that may be used, by name."""
        rows = self._c.execute(_USABLE, {"brand_id": brand_id, "now": now})
        latest = {(r.name, r.language): _statement(r) for r in rows}
        return list(latest.values())


def _statement(r: Any) -> HoldingStatement:
    return HoldingStatement(
        id=StatementId(r.id),
        brand_id=BrandId(r.brand_id),
        name=r.name,
        language=r.language,
        version=r.version,
        text=r.text,
        owner_id=MemberId(r.owner_id),
        written_at=Moment(r.written_at),
        expires_at=Moment(r.expires_at),
        approved_by=None if r.approved_by is None else MemberId(r.approved_by),
        approved_at=None if r.approved_at is None else Moment(r.approved_at),
        retired_by=None if r.retired_by is None else MemberId(r.retired_by),
        retired_at=None if r.retired_at is None else Moment(r.retired_at),
    )
