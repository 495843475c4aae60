"""Items that members escalated."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.migrations.columns import identity, json, number, ref, words

revision = "0169"
down_revision = "0168"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "escalation",
        identity(),
        ref("item_id", "item.id"),
        ref("incident_id", "incident.id"),
        ref("member_id", "member.id"),
        number("at"),
        json("called"),
        words("reason"),
    )
    for column in ("item_id", "incident_id"):
        op.create_index(f"ix_escalation_{column}", "escalation", [column])
    flag: sa.Column[bool] = sa.Column(
        "has_asides", sa.Boolean(), server_default=sa.text("false"), nullable=False
    )
    op.add_column("item", flag)


def downgrade() -> None:
    op.drop_column("item", "has_asides")
    op.drop_table("escalation")
