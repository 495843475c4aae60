"""Presses that were refused can be counted by person: of an hour only so many are audited."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    refused = sa.text("kind IN ('refused', 'stale', 'missing')")
    op.create_index(
        "ix_command_refused",
        "command",
        ["chat", "user", "at"],
        sqlite_where=refused,
        postgresql_where=refused,
    )


def downgrade() -> None:
    op.drop_index("ix_command_refused", "command")
