"""What machines made of texts for those who do not read them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.migrations.columns import ref, word, words

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "translation",
        ref("item_id", "item.id"),
        word("hash", 64),
        word("language", 2),
        words("text"),
        sa.PrimaryKeyConstraint("item_id", "hash", "language"),
    )
    op.create_index("ix_translation_hash_language", "translation", ["hash", "language"])


def downgrade() -> None:
    op.drop_table("translation")
