"""The brand, its members, and how they are known in chats and browsers."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    String,
    Table,
    UniqueConstraint,
    text,
)

from bot.store.schema.columns import ID, METADATA, moment, ref, row_id, words

brand = Table(
    "brand",
    METADATA,
    row_id(),
    Column("slug", String(60), nullable=False, unique=True),
    words("name"),
    Column("languages", JSON, nullable=False),
    Column("keywords", JSON, nullable=False),
    Column("zone", String(60), nullable=False),
    words("voice"),
)

member = Table(
    "member",
    METADATA,
    row_id(),
    ref("brand_id", "brand"),
    Column("slug", String(60), nullable=False),
    words("name"),
    Column("role", String(20), nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("from_file", Boolean, nullable=False, server_default=text("true")),
    Column("language", String(2), nullable=False, server_default="en"),
    Column("zone", String(60), nullable=False, server_default=""),
    words("reads"),
    moment("away_until", nullable=True),
    Column("pace", JSON(none_as_null=True)),
    UniqueConstraint("brand_id", "slug"),
)

chat_identity = Table(
    "chat_identity",
    METADATA,
    Column("chat", String(20), primary_key=True),
    Column("user", String(100), primary_key=True),
    ref("member_id", "member"),
    Column("from_file", Boolean, nullable=False, server_default=text("true")),
)

link_code = Table(
    "link_code",
    METADATA,
    Column("member_id", ID, ForeignKey("member.id"), primary_key=True, autoincrement=False),
    Column("hash", String(64), nullable=False, unique=True),
    Column("chat", String(20), nullable=False),
    moment("expires_at"),
)
"""At most one of each member: a new one voids the one before."""

console_ticket = Table(
    "console_ticket",
    METADATA,
    Column("hash", String(64), primary_key=True),
    ref("member_id", "member"),
    moment("expires_at"),
)

console_session = Table(
    "console_session",
    METADATA,
    Column("hash", String(64), primary_key=True),
    ref("member_id", "member"),
    moment("expires_at"),
)
