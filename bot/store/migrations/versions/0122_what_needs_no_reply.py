"""Which page of a rolling card is shown."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0122"
down_revision = "0121"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("peak", sa.Column("page", sa.Integer(), server_default="1", nullable=False))


def downgrade() -> None:
    op.drop_column("peak", "page")
