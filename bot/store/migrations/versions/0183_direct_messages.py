"""A channel may be the direct messages of one member."""

from __future__ import annotations

from alembic import op

from bot.store.migrations.columns import number

revision = "0183"
down_revision = "0182"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("channel", number("member_id", nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("channel") as table:
        table.drop_column("member_id")
