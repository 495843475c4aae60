"""Updates for stakeholders: how often one is due, where they go, and each of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.migrations.columns import identity, number, ref, words

revision = "0142"
down_revision = "0141"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("crisis", number("update_every", nullable=True))
    with op.batch_alter_table("crisis") as table:
        table.add_column(ref("updates_channel_id", "channel.id", nullable=True))
    op.create_table(
        "crisis_update",
        identity(),
        ref("brand_id", "brand.id"),
        ref("crisis_id", "crisis.id"),
        number("due_at"),
        sa.Column("number", sa.Integer(), nullable=False),
        words("text"),
        ref("sent_by", "member.id", nullable=True),
        number("sent_at", nullable=True),
        sa.Column("is_missed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    for column in ("brand_id", "crisis_id"):
        op.create_index(f"ix_crisis_update_{column}", "crisis_update", [column])


def downgrade() -> None:
    op.drop_table("crisis_update")
    with op.batch_alter_table("crisis") as table:
        table.drop_column("updates_channel_id")
    op.drop_column("crisis", "update_every")
