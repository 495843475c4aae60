"""Who has an editor open on a card, and until when the others are told so."""

from __future__ import annotations

from alembic import op

from bot.store.migrations.columns import number

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("card", number("editing_by", nullable=True))
    op.add_column("card", number("editing_until", nullable=True))


def downgrade() -> None:
    op.drop_column("card", "editing_until")
    op.drop_column("card", "editing_by")
