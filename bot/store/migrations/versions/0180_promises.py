"""What replies of ours promised."""

from __future__ import annotations

from alembic import op

from bot.store.migrations.columns import identity, number, ref, word, words

revision = "0180"
down_revision = "0179"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "promise",
        identity(),
        ref("brand_id", "brand.id"),
        ref("item_id", "item.id"),
        ref("member_id", "member.id"),
        words("text"),
        number("made_at"),
        number("due_at"),
        word("state", 10),
    )
    for column in ("brand_id", "item_id"):
        op.create_index(f"ix_promise_{column}", "promise", [column])


def downgrade() -> None:
    op.drop_table("promise")
