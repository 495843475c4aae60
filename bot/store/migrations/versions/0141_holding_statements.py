"""Holding statements: words that a team agreed on before anything happened."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.migrations.columns import identity, number, ref, word, words

revision = "0141"
down_revision = "0140"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "holding_statement",
        identity(),
        ref("brand_id", "brand.id"),
        word("name", 60),
        word("language", 2),
        sa.Column("version", sa.Integer(), nullable=False),
        words("text"),
        ref("owner_id", "member.id"),
        number("written_at"),
        number("expires_at"),
        ref("approved_by", "member.id", nullable=True),
        number("approved_at", nullable=True),
        ref("retired_by", "member.id", nullable=True),
        number("retired_at", nullable=True),
        sa.UniqueConstraint("brand_id", "name", "language", "version"),
    )


def downgrade() -> None:
    op.drop_table("holding_statement")
