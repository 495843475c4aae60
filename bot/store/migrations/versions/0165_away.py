"""A member may be away until a time: what is given then goes to others."""

from __future__ import annotations

from alembic import op

from bot.store.migrations.columns import number

revision = "0165"
down_revision = "0164"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("member", number("away_until", nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("member") as table:
        table.drop_column("away_until")
