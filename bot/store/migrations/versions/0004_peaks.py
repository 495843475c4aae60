"""Peaks: floods of items that one card stands for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.migrations.columns import ID, identity, number, ref, word, words

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("card_ref", sa.Column("at", sa.BigInteger(), server_default="0", nullable=False))
    op.create_index("ix_card_ref_channel_id_at", "card_ref", ["channel_id", "at"])
    op.create_table(
        "peak",
        identity(),
        ref("brand_id", "brand.id"),
        ref("channel_id", "channel.id"),
        ref("conversation_id", "conversation.id", nullable=True),
        number("started_at"),
        number("ended_at", nullable=True),
    )
    of_channel = sa.text("ended_at IS NULL AND conversation_id IS NULL")
    op.create_index(
        "uq_peak_of_channel",
        "peak",
        ["channel_id"],
        unique=True,
        sqlite_where=of_channel,
        postgresql_where=of_channel,
    )
    going_on = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_peak_of_conversation",
        "peak",
        ["channel_id", "conversation_id"],
        unique=True,
        sqlite_where=going_on,
        postgresql_where=going_on,
    )
    op.create_table(
        "peak_item",
        sa.Column("peak_id", ID, sa.ForeignKey("peak.id"), nullable=False),
        sa.Column("item_id", ID, sa.ForeignKey("item.id"), nullable=False),
        number("at"),
        word("cluster", 8),
        words("label"),
        sa.PrimaryKeyConstraint("peak_id", "item_id"),
    )
    op.create_index("ix_peak_item_peak_id_at", "peak_item", ["peak_id", "at"])
    op.create_index("ix_peak_item_peak_id_cluster", "peak_item", ["peak_id", "cluster"])


def downgrade() -> None:
    op.drop_table("peak_item")
    op.drop_table("peak")
    op.drop_index("ix_card_ref_channel_id_at", "card_ref")
    op.drop_column("card_ref", "at")
