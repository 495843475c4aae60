"""What people say that an item is about, over what triage said."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0179"
down_revision = "0178"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("item", sa.Column("by_hand", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("item", "by_hand")
