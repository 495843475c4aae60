"""What the team says about items to itself."""

from __future__ import annotations

from sqlalchemy import Column, String, Table

from bot.store.schema.columns import METADATA, moment, ref, row_id, words

note = Table(
    "note",
    METADATA,
    row_id(),
    ref("brand_id", "brand", index=True),
    ref("item_id", "item", index=True),
    ref("member_id", "member"),
    words("text"),
    moment("at"),
    Column("origin", String(200), nullable=True, unique=True),
)
