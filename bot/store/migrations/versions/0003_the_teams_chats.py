"""The team's chats: channels, where cards stand in them, and what was set up outside the file."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.migrations.columns import identity, json, number, ref, word, words

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "channel",
        identity(),
        ref("brand_id", "brand.id"),
        word("slug", 60),
        word("chat", 20),
        word("address", 100),
        sa.Column("topic", sa.String(length=100), server_default="", nullable=False),
        words("title"),
        word("language", 2),
        word("zone", 60),
        json("shows"),
        json("routes"),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("from_file", sa.Boolean(), nullable=False),
        words("trouble"),
        sa.UniqueConstraint("brand_id", "slug"),
    )
    op.create_table(
        "card_ref",
        identity(),
        ref("card_id", "card.id"),
        ref("channel_id", "channel.id"),
        word("state", 20),
        word("key", 32),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("look", sa.String(length=64), server_default="", nullable=False),
        number("posting_since", nullable=True),
        number("posting_until", nullable=True),
        sa.Column("is_repeat", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.UniqueConstraint("card_id", "channel_id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("ix_card_ref_channel_id_message", "card_ref", ["channel_id", "message"])
    for table in ("member", "chat_identity"):
        op.add_column(
            table,
            sa.Column("from_file", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        )


def downgrade() -> None:
    for table in ("chat_identity", "member"):
        op.drop_column(table, "from_file")
    op.drop_table("card_ref")
    op.drop_table("channel")
