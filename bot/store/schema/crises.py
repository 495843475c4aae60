"""Crises of a brand, what happened in them, and words agreed on before."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    text,
)

from bot.store.schema.columns import METADATA, moment, partial_index, ref, row_id, words

crisis = Table(
    "crisis",
    METADATA,
    row_id(),
    ref("brand_id", "brand"),
    Column("state", String(10), nullable=False),
    Column("level", String(10), nullable=False),
    words("reason"),
    ref("incident_id", "incident", nullable=True),
    ref("lead_id", "member", nullable=True),
    ref("proposed_by", "member"),
    moment("proposed_at"),
    ref("started_by", "member", nullable=True),
    moment("started_at", nullable=True),
    ref("ended_by", "member", nullable=True),
    moment("ended_at", nullable=True),
    Column("update_every", BigInteger),
    ref("updates_channel_id", "channel", nullable=True),
    partial_index("uq_crisis_on", "brand_id", unique=True, where="state = 'on'"),
    Index("ix_crisis_brand_id_state", "brand_id", "state"),
)

crisis_event = Table(
    "crisis_event",
    METADATA,
    row_id(),
    ref("crisis_id", "crisis", index=True),
    moment("at"),
    Column("what", String(20), nullable=False),
    ref("member_id", "member", nullable=True),
    Column("facts", JSON, nullable=False),
)
"""The timeline: kept as long as the crisis."""

holding_statement = Table(
    "holding_statement",
    METADATA,
    row_id(),
    ref("brand_id", "brand"),
    Column("name", String(60), nullable=False),
    Column("language", String(2), nullable=False),
    Column("version", Integer, nullable=False),
    words("text"),
    ref("owner_id", "member"),
    moment("written_at"),
    moment("expires_at"),
    ref("approved_by", "member", nullable=True),
    moment("approved_at", nullable=True),
    ref("retired_by", "member", nullable=True),
    moment("retired_at", nullable=True),
    UniqueConstraint("brand_id", "name", "language", "version"),
)

crisis_update = Table(
    "crisis_update",
    METADATA,
    row_id(),
    ref("brand_id", "brand", index=True),
    ref("crisis_id", "crisis", index=True),
    moment("due_at"),
    Column("number", Integer, nullable=False),
    words("text"),
    ref("sent_by", "member", nullable=True),
    moment("sent_at", nullable=True),
    Column("is_missed", Boolean, nullable=False, server_default=text("false")),
)
