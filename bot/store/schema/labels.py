"""What the team calls things besides the topics of triage."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, String, Table, UniqueConstraint

from bot.store.schema.columns import ID, METADATA, moment, ref, row_id

label = Table(
    "label",
    METADATA,
    row_id(),
    ref("brand_id", "brand"),
    Column("name", String(40), nullable=False),
    Column("folded", String(120), nullable=False),
    moment("used_at"),
    UniqueConstraint("brand_id", "folded"),
)

item_label = Table(
    "item_label",
    METADATA,
    Column("item_id", ID, ForeignKey("item.id"), primary_key=True, autoincrement=False),
    Column("label_id", ID, ForeignKey("label.id"), primary_key=True, autoincrement=False),
    Index("ix_item_label_label_id_item_id", "label_id", "item_id"),
)
"""Follows `item.by_hand`, so that items are found by a label of the team's own."""
