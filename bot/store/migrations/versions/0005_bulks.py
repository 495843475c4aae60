"""Bulks: one decision about all items of a cluster."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.migrations.columns import ID, identity, number, ref, word, words

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bulk",
        identity(),
        ref("peak_id", "peak.id"),
        word("chat", 20),
        word("user", 100),
        word("verb", 20),
        word("cluster", 8),
        words("label"),
        words("text"),
        word("state", 20),
        number("after"),
        sa.Column("acted", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        number("begun_at"),
    )
    op.create_index("ix_bulk_peak_id", "bulk", ["peak_id"])
    op.create_table(
        "bulk_item",
        sa.Column("bulk_id", ID, sa.ForeignKey("bulk.id"), nullable=False),
        sa.Column("item_id", ID, sa.ForeignKey("item.id"), nullable=False),
        sa.PrimaryKeyConstraint("bulk_id", "item_id"),
    )


def downgrade() -> None:
    op.drop_table("bulk_item")
    op.drop_table("bulk")
