"""Accounts that were connected in the console, with their settings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.migrations.columns import ref

revision = "0070"
down_revision = "0061"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "account",
        sa.Column("from_file", sa.Boolean(), server_default=sa.true(), nullable=False),
    )
    op.create_table(
        "account_settings",
        ref("account_id", "account.id"),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("account_id"),
    )


def downgrade() -> None:
    op.drop_table("account_settings")
    with op.batch_alter_table("account") as batch:
        batch.drop_column("from_file")
