"""Chats that were connected in the console."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.migrations.columns import ref, word, words

revision = "0130"
down_revision = "0123"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "team_chat",
        word("chat", 20),
        ref("brand_id", "brand.id"),
        word("remote_id", 200),
        words("name"),
        sa.Column("is_connected", sa.Boolean(), nullable=False),
        words("trouble"),
        sa.PrimaryKeyConstraint("chat"),
    )


def downgrade() -> None:
    op.drop_table("team_chat")
