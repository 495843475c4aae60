"""The columns that every table is made of.

Every moment is an integer of UTC milliseconds. Every id is a BIGINT identity; SQLite wants its
row id spelled INTEGER for that.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Identity, Integer, MetaData, Text

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

ID = BigInteger().with_variant(Integer, "sqlite")
MOMENT = BigInteger


def row_id() -> Column[int]:
    return Column("id", ID, Identity(), primary_key=True)


def ref(name: str, target: str, *, nullable: bool = False, index: bool = False) -> Column[int]:
    return Column(name, ID, ForeignKey(f"{target}.id"), nullable=nullable, index=index)


def moment(name: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, MOMENT, nullable=nullable)


def words(name: str, *, default: str | None = "") -> Column[str]:
    return Column(name, Text, nullable=default is None, server_default=default)
