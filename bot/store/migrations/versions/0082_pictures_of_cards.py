"""Which pictures stand under cards in a chat."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.migrations.columns import json, number, ref

revision = "0082"
down_revision = "0081"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "card_pictures",
        ref("ref_id", "card_ref.id"),
        sa.Column("shown", sa.LargeBinary()),
        sa.Column("pending", sa.LargeBinary()),
        json("files"),
        number("posting_since", nullable=True),
        number("posting_until", nullable=True),
        sa.PrimaryKeyConstraint("ref_id"),
    )


def downgrade() -> None:
    op.drop_table("card_pictures")
