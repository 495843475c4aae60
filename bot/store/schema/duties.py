"""When members work on the desk."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Table, text

from bot.store.schema.columns import METADATA, moment, partial_index, ref, row_id

duty = Table(
    "duty",
    METADATA,
    row_id(),
    ref("brand_id", "brand", index=True),
    ref("member_id", "member", index=True),
    moment("began_at"),
    moment("until"),
    moment("ended_at", nullable=True),
    Column("is_by_hand", Boolean, nullable=False),
    Column("turn", BigInteger, nullable=False, server_default=text("0")),
    partial_index("uq_duty_on", "member_id", where="ended_at IS NULL", unique=True),
)
