"""Chats that were connected in the console may call the desk: which do, and since when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0166"
down_revision = "0165"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "team_chat",
        sa.Column("is_called", sa.Boolean(), nullable=False, server_default=sa.text("false")),
    )
    op.add_column("team_chat", sa.Column("called_at", sa.BigInteger()))


def downgrade() -> None:
    op.drop_column("team_chat", "called_at")
    op.drop_column("team_chat", "is_called")
