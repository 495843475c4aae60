"""When a card turned is not looked for: an index of it was written at every turn and never read."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_card_brand_id_changed_at", "card")


def downgrade() -> None:
    op.create_index("ix_card_brand_id_changed_at", "card", ["brand_id", "changed_at"])
