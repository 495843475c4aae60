"""Pauses and their ends as they were asked for, and planned posts that are asked about."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, String, Table

from bot.store.schema.columns import ID, METADATA, moment, ref, row_id, words

hold_change = Table(
    "hold_change",
    METADATA,
    row_id(),
    ref("brand_id", "brand", index=True),
    Column("verb", String(10), nullable=False),
    Column("kinds", JSON, nullable=False),
    ref("account_id", "account", nullable=True),
    words("reason"),
    ref("member_id", "member"),
    moment("asked_at"),
    Column("state", String(10), nullable=False),
    Column("shown_posts", JSON, nullable=False),
    Column("shown_replies", Integer, nullable=False),
)
"""`shown_posts` are the numbers of the publications that its asker was shown."""

held_post = Table(
    "held_post",
    METADATA,
    Column("card_id", ID, ForeignKey("card.id"), primary_key=True),
    Column("publication_id", ID, ForeignKey("publication.id"), primary_key=True),
    Column("decision", String(10)),
    ref("decided_by", "member", nullable=True),
    moment("decided_at", nullable=True),
    Index("ix_held_post_publication_id", "publication_id"),
)
"""What waited when a crisis or a pause ended, by the card that asks; it leaves once decided."""
