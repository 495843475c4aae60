"""Saved replies: words that the team uses again and again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.migrations.columns import identity, number, ref, word, words

revision = "0163"
down_revision = "0162"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_reply",
        identity(),
        ref("brand_id", "brand.id"),
        word("name", 60),
        word("language", 2),
        words("text"),
        ref("owner_id", "member.id"),
        number("saved_at"),
        sa.Column("used", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.UniqueConstraint("brand_id", "name", "language"),
    )


def downgrade() -> None:
    op.drop_table("saved_reply")
