"""Notes of the team about items."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.migrations.columns import identity, number, ref, words

revision = "0178"
down_revision = "0177"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "note",
        identity(),
        ref("brand_id", "brand.id"),
        ref("item_id", "item.id"),
        ref("member_id", "member.id"),
        words("text"),
        number("at"),
        sa.Column("origin", sa.String(length=200), nullable=True),
        sa.UniqueConstraint("origin"),
    )
    for column in ("brand_id", "item_id"):
        op.create_index(f"ix_note_{column}", "note", [column])


def downgrade() -> None:
    op.drop_table("note")
