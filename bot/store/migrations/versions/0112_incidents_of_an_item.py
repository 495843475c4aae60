"""In which incidents an item is."""

from __future__ import annotations

from alembic import op

revision = "0112"
down_revision = "0111"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_incident_item_item_id", "incident_item", ["item_id"])


def downgrade() -> None:
    op.drop_index("ix_incident_item_item_id", "incident_item")
