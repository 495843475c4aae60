"""Keys and looks of card refs as bytes, without an index of the keys: nobody looks for one here.

What is random in 16 bytes is unique without a constraint. How a card looked last is not known any
more: each that is redrawn next is redrawn once more than needed.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0030"
branch_labels = None
depends_on = None

_REFS = sa.table("card_ref", sa.column("old_key"), sa.column("key"), sa.column("look"))


def upgrade() -> None:
    with op.batch_alter_table("card_ref") as table:
        table.drop_constraint("uq_card_ref_key", type_="unique")
        table.drop_column("look")
        table.alter_column("key", new_column_name="old_key")
    with op.batch_alter_table("card_ref") as table:
        table.add_column(sa.Column("key", sa.LargeBinary(), nullable=True))
        table.add_column(sa.Column("look", sa.LargeBinary(), nullable=True))
    op.execute(sa.update(_REFS).values(key=_bytes(_REFS.c.old_key), look=_bytes("")))
    with op.batch_alter_table("card_ref") as table:
        table.drop_column("old_key")
        table.alter_column("key", nullable=False)
        table.alter_column("look", nullable=False)


def downgrade() -> None:
    look = sa.Column("look", sa.String(length=64), server_default="", nullable=False)
    with op.batch_alter_table("card_ref") as table:
        table.drop_column("look")
        table.alter_column("key", new_column_name="old_key")
    with op.batch_alter_table("card_ref") as table:
        table.add_column(sa.Column("key", sa.String(length=32), nullable=True))
        table.add_column(look)
    op.execute(sa.update(_REFS).values(key=_digits(_REFS.c.old_key)))
    with op.batch_alter_table("card_ref") as table:
        table.drop_column("old_key")
        table.alter_column("key", nullable=False)
        table.create_unique_constraint("uq_card_ref_key", ["key"])


def _bytes(digits: sa.ColumnElement[str] | str) -> sa.ColumnElement[bytes]:
    bind = op.get_bind()
    if bind.dialect.name == "postgresql":
        return sa.func.decode(digits, "hex")
    # SQLite has an unhex() of its own only from 3.41 on
    driver = bind.connection.driver_connection
    assert driver is not None
    driver.create_function("bytes_of", 1, bytes.fromhex, deterministic=True)
    return sa.func.bytes_of(digits)


def _digits(column: sa.ColumnElement[bytes]) -> sa.ColumnElement[str]:
    if op.get_bind().dialect.name == "postgresql":
        return sa.func.encode(column, "hex")
    return sa.func.lower(sa.func.hex(column))
