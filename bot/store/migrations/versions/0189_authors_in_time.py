"""What an author wrote is found in the order of its publication."""

from __future__ import annotations

from alembic import op

revision = "0189"
down_revision = "0188"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_item_author_id_published_at", "item", ["author_id", "published_at"])
    op.drop_index("ix_item_author_id", "item")


def downgrade() -> None:
    op.create_index("ix_item_author_id", "item", ["author_id"])
    op.drop_index("ix_item_author_id_published_at", "item")
