"""Comments on which a team practises."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.migrations.columns import number, ref

revision = "0080"
down_revision = "0070"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "practice",
        ref("item_id", "item.id"),
        ref("card_id", "card.id"),
        ref("channel_id", "channel.id", nullable=True),
        ref("member_id", "member.id"),
        number("begun_at"),
        sa.PrimaryKeyConstraint("item_id"),
    )


def downgrade() -> None:
    op.drop_table("practice")
