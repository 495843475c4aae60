"""What was answered is found by its author, however much they wrote besides."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0123"
down_revision = "0122"
branch_labels = None
depends_on = None


def upgrade() -> None:
    where = sa.text("state = 'answered'")
    op.create_index(
        "ix_item_answered",
        "item",
        ["author_id", "conversation_id"],
        sqlite_where=where,
        postgresql_where=where,
    )


def downgrade() -> None:
    op.drop_index("ix_item_answered", "item")
