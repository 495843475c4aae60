"""Questions to whoever reads a channel."""

from __future__ import annotations

from alembic import op

from bot.store.migrations.columns import ID, ref

revision = "0174"
down_revision = "0173"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("question") as table:
        table.alter_column("asked_id", existing_type=ID, nullable=True)
        table.add_column(ref("channel_id", "channel.id", nullable=True))


def downgrade() -> None:
    op.execute("DELETE FROM question WHERE asked_id IS NULL")
    with op.batch_alter_table("question") as table:
        table.drop_column("channel_id")
        table.alter_column("asked_id", existing_type=ID, nullable=False)
