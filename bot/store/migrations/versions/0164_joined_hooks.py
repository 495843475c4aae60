"""Accounts that were connected in the console take webhooks: where they come to, and since when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0164"
down_revision = "0163"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("account_settings", sa.Column("hook", sa.String(80)))
    op.add_column("account_settings", sa.Column("hooked_at", sa.BigInteger()))


def downgrade() -> None:
    op.drop_column("account_settings", "hooked_at")
    op.drop_column("account_settings", "hook")
