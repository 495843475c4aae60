"""Everything is indexed once more, with what triage and people call it."""

from __future__ import annotations

from alembic import op

revision = "0188"
down_revision = "0187"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # the index begins anew behind what is committed, from the newest item back
    op.execute("DELETE FROM search_progress")


def downgrade() -> None:
    """The words of labels do no harm there."""
