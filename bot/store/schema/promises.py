"""What replies of ours promised."""

from __future__ import annotations

from sqlalchemy import Column, String, Table

from bot.store.schema.columns import METADATA, moment, ref, row_id, words

promise = Table(
    "promise",
    METADATA,
    row_id(),
    ref("brand_id", "brand", index=True),
    ref("item_id", "item", index=True),
    ref("member_id", "member"),
    words("text"),
    moment("made_at"),
    moment("due_at"),
    Column("state", String(10), nullable=False),
)
