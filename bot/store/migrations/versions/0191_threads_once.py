"""The root of an item's thread stands with its conversation alone; signals are found by their key.

SQLite had the key of signals in a table beside theirs.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0191"
down_revision = "0190"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("item", "thread_remote_id")
    _signals(with_rowid=False)


def downgrade() -> None:
    _signals(with_rowid=True)
    column = sa.Column("thread_remote_id", sa.Text(), server_default="", nullable=False)
    op.add_column("item", column)
    op.execute(
        "UPDATE item SET thread_remote_id = (SELECT conversation.root_remote_id "
        "FROM conversation WHERE conversation.id = item.conversation_id)"
    )


def _signals(*, with_rowid: bool) -> None:
    if op.get_bind().dialect.name == "sqlite":
        kept = {"sqlite_with_rowid": with_rowid}
        with op.batch_alter_table("signal", recreate="always", table_kwargs=kept):
            pass
