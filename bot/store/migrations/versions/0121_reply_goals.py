"""By when each reply is due, and cards that roll on about other things than peaks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.migrations.columns import ID, ref

revision = "0121"
down_revision = "0120"
branch_labels = None
depends_on = None

_CLOCK = ("waits_since", "due_at", "tell_at", "answered_at")
_WAITING = "due_at IS NOT NULL AND state IN ('open', 'answering')"
_GOES_ON = "ended_at IS NULL"


def upgrade() -> None:
    for column in _CLOCK:
        op.add_column("item", sa.Column(column, sa.BigInteger(), nullable=True))
    _index("ix_item_due_at", "item", ["brand_id", "due_at"], _WAITING)
    _index("ix_item_tell_at", "item", ["brand_id", "tell_at"], "tell_at IS NOT NULL")
    op.drop_index("uq_peak_of_channel", "peak")
    op.drop_index("uq_peak_of_conversation", "peak")
    kind = sa.Column("kind", sa.String(length=10), server_default="peak", nullable=False)
    op.add_column("peak", kind)
    op.add_column("peak", sa.Column("about", ID, server_default="0", nullable=False))
    op.execute("UPDATE peak SET about = COALESCE(conversation_id, 0)")
    with op.batch_alter_table("peak") as table:
        table.drop_column("conversation_id")
    _index("uq_peak_going_on", "peak", ["channel_id", "kind", "about"], _GOES_ON, unique=True)


def _index(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    words = sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=words, postgresql_where=words)


def downgrade() -> None:
    op.drop_index("uq_peak_going_on", "peak")
    with op.batch_alter_table("peak") as table:
        table.add_column(ref("conversation_id", "conversation.id", nullable=True))
    op.execute("UPDATE peak SET conversation_id = NULLIF(about, 0) WHERE kind = 'peak'")
    for column in ("about", "kind"):
        op.drop_column("peak", column)
    of_channel = "ended_at IS NULL AND conversation_id IS NULL"
    _index("uq_peak_of_channel", "peak", ["channel_id"], of_channel, unique=True)
    columns = ["channel_id", "conversation_id"]
    _index("uq_peak_of_conversation", "peak", columns, _GOES_ON, unique=True)
    op.drop_index("ix_item_tell_at", "item")
    op.drop_index("ix_item_due_at", "item")
    for column in reversed(_CLOCK):
        op.drop_column("item", column)
