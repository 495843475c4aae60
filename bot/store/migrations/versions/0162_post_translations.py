"""What machines made of planned posts, for those who do not read them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.migrations.columns import ref, word, words

revision = "0162"
down_revision = "0161"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "post_translation",
        ref("post_id", "post.id"),
        word("hash", 64),
        word("language", 2),
        words("text"),
        sa.PrimaryKeyConstraint("post_id", "hash", "language"),
    )
    op.create_index("ix_post_translation_hash_language", "post_translation", ["hash", "language"])


def downgrade() -> None:
    op.drop_table("post_translation")
