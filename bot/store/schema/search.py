"""The words by which items are found. Their index is the database's own: see migration 0160."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, Table, Text

from bot.store.schema.columns import ID, METADATA, ref

search_text = Table(
    "search_text",
    METADATA,
    Column("item_id", ID, ForeignKey("item.id"), primary_key=True, autoincrement=False),
    ref("brand_id", "brand"),
    Column("words", Text, nullable=False),
)

search_progress = Table(
    "search_progress",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    # everything up to this event is in the index
    Column("event_id", BigInteger, nullable=False),
    # and of items from before the first event all from this number on
    Column("below", BigInteger, nullable=False),
)
