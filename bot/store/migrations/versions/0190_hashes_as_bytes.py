"""Hashes and salts of the audit as bytes instead of hex digits.

A value that is no hash as we write it was changed by somebody. It stays what it is, as the bytes of
its letters: no hash has those, so that a check of the audit still finds it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0190"
down_revision = "0189"
branch_labels = None
depends_on = None

_HASHES = {
    "audit": {"text_hash": 64, "seal_hash": 64},
    "audit_text": {"salt": 32},
}
_OPTIONAL = {"text_hash", "seal_hash"}


def upgrade() -> None:
    for table, columns in _HASHES.items():
        if op.get_bind().dialect.name == "postgresql":
            for name, digits in columns.items():
                is_ours = f"{name} ~ '^[0-9a-f]{{{digits}}}$'"
                kept = f"convert_to({name}, 'UTF8')"
                using = f"CASE WHEN {is_ours} THEN decode({name}, 'hex') ELSE {kept} END"
                op.alter_column(table, name, type_=sa.LargeBinary(), postgresql_using=using)
        else:
            _as(table, {name: sa.LargeBinary() for name in columns})
            _change(table, columns, _bytes_of)


def downgrade() -> None:
    for table, columns in _HASHES.items():
        if op.get_bind().dialect.name == "postgresql":
            for name, digits in columns.items():
                is_ours = f"length({name}) = {digits // 2}"
                kept = f"convert_from({name}, 'UTF8')"
                using = f"CASE WHEN {is_ours} THEN encode({name}, 'hex') ELSE {kept} END"
                type_ = sa.String(length=digits)
                op.alter_column(table, name, type_=type_, postgresql_using=using)
        else:
            _change(table, columns, _digits_of)
            _as(table, {name: sa.String(length=digits) for name, digits in columns.items()})


def _as(table: str, types: Mapping[str, sa.types.TypeEngine[Any]]) -> None:
    with op.batch_alter_table(table) as batch:
        for name, type_ in types.items():
            batch.alter_column(name, type_=type_, existing_nullable=name in _OPTIONAL)


def _change(table: str, columns: dict[str, int], function: object) -> None:
    """SQLite has an unhex() of its own only from 3.41 on."""
    driver = op.get_bind().connection.driver_connection
    assert driver is not None
    driver.create_function("changed", 2, function, deterministic=True)
    told = sa.table(table, *(sa.column(name) for name in columns))
    changed = {name: sa.func.changed(told.c[name], size) for name, size in columns.items()}
    op.execute(sa.update(told).values(changed))


def _bytes_of(letters: bytes | None, digits: int) -> bytes | None:
    """The table was copied with its letters cast to bytes."""
    if letters is None or not re.fullmatch(rb"[0-9a-f]{%d}" % digits, letters):
        return letters
    return bytes.fromhex(letters.decode())


def _digits_of(value: bytes | str | None, digits: int) -> str | None:
    if not isinstance(value, bytes):
        return value
    return value.hex() if len(value) == digits // 2 else value.decode(errors="replace")
