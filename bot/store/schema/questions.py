"""Questions to colleagues about items."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, String, Table, text

from bot.store.schema.columns import METADATA, moment, ref, row_id, words

question = Table(
    "question",
    METADATA,
    row_id(),
    ref("brand_id", "brand", index=True),
    ref("item_id", "item", index=True),
    ref("asker_id", "member"),
    ref("asked_id", "member", nullable=True),
    words("text"),
    moment("asked_at"),
    moment("due_at"),
    Column("state", String(10), nullable=False),
    Column("is_late", Boolean, nullable=False, server_default=text("false")),
    words("answer"),
    ref("answered_by", "member", nullable=True),
    moment("answered_at", nullable=True),
    ref("channel_id", "channel", nullable=True),
)
