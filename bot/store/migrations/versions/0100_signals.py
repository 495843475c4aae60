"""Counts of what came in, and what the watches on them know."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.migrations.columns import ID, number, ref, word

revision = "0100"
down_revision = "0082"
branch_labels = None
depends_on = None


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), server_default=sa.text("0"), nullable=False)


def upgrade() -> None:
    op.create_table(
        "signal",
        number("bucket"),
        ref("account_id", "account.id"),
        ref("brand_id", "brand.id"),
        _count("mentions"),
        _count("complaints"),
        _count("risks"),
        _count("taken_mentions"),
        _count("taken_complaints"),
        _count("taken_risks"),
        sa.PrimaryKeyConstraint("bucket", "account_id"),
    )
    op.create_table(
        "watch",
        ref("brand_id", "brand.id"),
        sa.Column("account_id", ID, nullable=False),
        word("stream", 20),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("brand_id", "account_id", "stream"),
    )


def downgrade() -> None:
    op.drop_table("watch")
    op.drop_table("signal")
