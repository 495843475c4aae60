"""When the token of an account ends, where the team said so."""

from __future__ import annotations

from alembic import op

from bot.store.migrations.columns import number

revision = "0182"
down_revision = "0181"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("account", number("token_ends_at", nullable=True))


def downgrade() -> None:
    op.drop_column("account", "token_ends_at")
