"""How the desk works: cards and presses, due rows, events, the audit, limits, secrets."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from bot.store.schema.columns import ID, METADATA, Hex, moment, partial_index, ref, row_id, words

card = Table(
    "card",
    METADATA,
    row_id(),
    ref("brand_id", "brand"),
    Column("token", String(12), nullable=False, unique=True),
    Column("kind", String(20), nullable=False),
    Column("subject_id", ID, nullable=False),
    Column("revision", Integer, nullable=False),
    ref("changed_by", "member", nullable=True),
    moment("changed_at"),
    words("changed_how"),
    Column("editing_by", BigInteger),
    moment("editing_until", nullable=True),
    UniqueConstraint("kind", "subject_id"),
)

command = Table(
    "command",
    METADATA,
    Column("id", String(80), primary_key=True),
    Column("chat", String(20), nullable=False),
    Column("user", String(100), nullable=False),
    Column("kind", String(20), nullable=False),
    words("says"),
    words("note"),
    Column("press", String(64), nullable=False),
    moment("at"),
    Index("ix_command_at", "at"),
    Index("ix_command_press", "press"),
    partial_index(
        "ix_command_refused",
        "chat",
        "user",
        "at",
        where="kind IN ('refused', 'stale', 'missing')",
    ),
)

due = Table(
    "due",
    METADATA,
    row_id(),
    Column("kind", String(30), nullable=False),
    Column("key", String(120), nullable=False, unique=True),
    Column("lane", SmallInteger, nullable=False),
    moment("due_at", nullable=True),
    Column("arg", JSON, nullable=False),
    Column("every", BigInteger),
    Column("attempt", Integer, nullable=False, server_default="0"),
    Column("max_attempts", Integer, nullable=False),
    Column("claim", Integer, nullable=False, server_default="0"),
    Column("owner", String(40)),
    words("error"),
    moment("created_at"),
    partial_index(
        "ix_due_lane_due_at",
        "lane",
        "due_at",
        where="due_at IS NOT NULL",
    ),
    # a number that came again would be held by whoever lost the lease of the row before
    sqlite_autoincrement=True,
)

event = Table(
    "event",
    METADATA,
    row_id(),
    moment("at"),
    Column("kind", String(40), nullable=False),
    ref("brand_id", "brand"),
    Column("subject", String(20), nullable=False),
    Column("subject_id", ID, nullable=False),
    ref("member_id", "member", nullable=True),
    Column("facts", JSON, nullable=False),
    Index("ix_event_subject_subject_id", "subject", "subject_id"),
)

audit = Table(
    "audit",
    METADATA,
    row_id(),
    moment("at"),
    ref("brand_id", "brand"),
    ref("member_id", "member", nullable=True),
    Column("chat", String(20), nullable=False),
    Column("action", String(40), nullable=False),
    Column("subject", String(20), nullable=False),
    Column("subject_id", ID, nullable=False),
    Column("facts", JSON, nullable=False),
    Column("text_hash", Hex),
    Column("seal_number", BigInteger, unique=True),
    Column("seal_hash", Hex),
    moment("sealed_at", nullable=True),
    Index("ix_audit_subject_subject_id", "subject", "subject_id"),
)

audit_text = Table(
    "audit_text",
    METADATA,
    Column("audit_id", ID, ForeignKey("audit.id"), primary_key=True),
    Column("salt", Hex, nullable=False),
    words("text"),
)

sealed_secret = Table(
    "sealed_secret",
    METADATA,
    Column("key", String(120), primary_key=True),
    Column("sealed", Text, nullable=False),
    moment("changed_at"),
)

rate_bucket = Table(
    "rate_bucket",
    METADATA,
    Column("key", String(160), primary_key=True),
    Column("tat", BigInteger, nullable=False),
    Column("closed_until", BigInteger, nullable=False, server_default="0"),
)
