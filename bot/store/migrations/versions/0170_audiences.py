"""Who reads each channel is kept, so that a private one's items are for those who do."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0170"
down_revision = "0169"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("channel", sa.Column("private", sa.Boolean()))
    op.create_table(
        "audience",
        sa.Column("chat", sa.String(20), primary_key=True),
        sa.Column("address", sa.String(100), primary_key=True),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "audience_member",
        sa.Column("chat", sa.String(20), primary_key=True),
        sa.Column("address", sa.String(100), primary_key=True),
        sa.Column("user", sa.String(100), primary_key=True),
    )
    op.create_index("ix_peak_item_item_id", "peak_item", ["item_id"])


def downgrade() -> None:
    op.drop_index("ix_peak_item_item_id", "peak_item")
    op.drop_table("audience_member")
    op.drop_table("audience")
    op.drop_column("channel", "private")
