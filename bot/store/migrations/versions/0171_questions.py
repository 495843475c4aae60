"""Questions to colleagues about items."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.migrations.columns import identity, number, ref, word, words

revision = "0171"
down_revision = "0170"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "question",
        identity(),
        ref("brand_id", "brand.id"),
        ref("item_id", "item.id"),
        ref("asker_id", "member.id"),
        ref("asked_id", "member.id"),
        words("text"),
        number("asked_at"),
        number("due_at"),
        word("state", 10),
        sa.Column("is_late", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        words("answer"),
        ref("answered_by", "member.id", nullable=True),
        number("answered_at", nullable=True),
    )
    for column in ("brand_id", "item_id"):
        op.create_index(f"ix_question_{column}", "question", [column])


def downgrade() -> None:
    op.drop_table("question")
