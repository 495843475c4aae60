"""What people did with posts, ours and those that we are named under."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Integer, String, Table

from bot.store.schema.columns import ID, METADATA, moment

engagement = Table(
    "engagement",
    METADATA,
    Column("account_id", ID, ForeignKey("account.id"), primary_key=True, autoincrement=False),
    Column("remote_id", String(512), primary_key=True),
    moment("published_at"),
    moment("looked_at"),
    moment("next_at", nullable=True),
    Column("likes", Integer, nullable=False),
    Column("shares", Integer, nullable=False),
    Column("replies", Integer, nullable=False),
    Column("views", ID, nullable=True),
    Column("samples", JSON, nullable=False),
    # what was expected of it in its first hour
    Column("expected", JSON(none_as_null=True), nullable=True),
)
