"""The columns and indexes that every table is made of.

Every moment is an integer of UTC milliseconds. Every id is a BIGINT identity; SQLite wants its
row id spelled INTEGER for that.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Dialect,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Text,
    TypeDecorator,
    text,
)

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


def partial_index(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index of the rows of which `where` is true, with the same words on both databases.

    Only SQLite's option stands here: SQLAlchemy imports the dialect whose option is named, and
    PostgreSQL's is not needed on SQLite. The migration that makes the index names both.
    """
    return Index(name, *columns, unique=unique, sqlite_where=text(where))


def ref(name: str, target: str, *, nullable: bool = False, index: bool = False) -> Column[int]:
    return Column(name, ID, ForeignKey(f"{target}.id"), nullable=nullable, index=index)


def moment(name: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, MOMENT, nullable=nullable)


class Hex(TypeDecorator[str]):
    """Hex digits outside, half as many bytes in the database."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else bytes.fromhex(value)

    def process_result_value(self, value: bytes | str | None, dialect: Dialect) -> str | None:
        # SQLite keeps a text that somebody else wrote here; no digits of ours are like its bytes
        found = value.encode() if isinstance(value, str) else value
        return None if found is None else bytes(found).hex()


def words(name: str, *, default: str | None = "") -> Column[str]:
    return Column(name, Text, nullable=default is None, server_default=default)
