"""What was counted, and what the watches on the counts know."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Integer, String, Table, text

from bot.store.schema.columns import ID, METADATA, ref


def _count(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default=text("0"))


signal = Table(
    "signal",
    METADATA,
    Column("bucket", BigInteger, primary_key=True, autoincrement=False),
    Column("account_id", ID, ForeignKey("account.id"), primary_key=True, autoincrement=False),
    ref("brand_id", "brand"),
    _count("mentions"),
    _count("complaints"),
    _count("risks"),
    _count("taken_mentions"),
    _count("taken_complaints"),
    _count("taken_risks"),
    sqlite_with_rowid=False,
)

watch = Table(
    "watch",
    METADATA,
    Column("brand_id", ID, ForeignKey("brand.id"), primary_key=True, autoincrement=False),
    # 0 for all accounts of the brand together
    Column("account_id", ID, primary_key=True, autoincrement=False),
    Column("stream", String(20), primary_key=True),
    Column("state", JSON, nullable=False),
)
