"""Who does communications in an incident, and who is its scribe."""

from __future__ import annotations

from alembic import op

from bot.store.migrations.columns import ref

revision = "0161"
down_revision = "0160"
branch_labels = None
depends_on = None

ROLES = ("comms_id", "scribe_id")


def upgrade() -> None:
    with op.batch_alter_table("incident") as table:
        for role in ROLES:
            table.add_column(ref(role, "member.id", nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("incident") as table:
        for role in ROLES:
            table.drop_column(role)
