"""Nothing looks for the items of a thread: each statement has the item's number already."""

from __future__ import annotations

from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_item_conversation_id", "item")


def downgrade() -> None:
    op.create_index("ix_item_conversation_id", "item", ["conversation_id"])
