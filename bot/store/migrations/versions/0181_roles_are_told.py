"""Whoever was given a role in an incident is told as people are paged."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0181"
down_revision = "0180"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("page", sa.Column("role", sa.String(20), nullable=True))


def downgrade() -> None:
    op.drop_column("page", "role")
