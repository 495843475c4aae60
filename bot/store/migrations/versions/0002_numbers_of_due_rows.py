"""A due row's number never comes again on SQLite either: with `claim` it is the fence.

Without AUTOINCREMENT SQLite gives the largest number of a table again once its row is gone, and
who lost the lease of the old row would hold the new one.
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _rebuild(sqlite_autoincrement=True)


def downgrade() -> None:
    _rebuild(sqlite_autoincrement=False)


def _rebuild(**table: bool) -> None:
    if op.get_bind().dialect.name == "sqlite":
        with op.batch_alter_table("due", recreate="always", table_kwargs=table):
            pass
