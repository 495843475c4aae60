"""When members work on the desk: by the plan, or because they said so."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.migrations.columns import identity, number, ref

revision = "0172"
down_revision = "0171"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "duty",
        identity(),
        ref("brand_id", "brand.id"),
        ref("member_id", "member.id"),
        number("began_at"),
        number("until"),
        number("ended_at", nullable=True),
        sa.Column("is_by_hand", sa.Boolean(), nullable=False),
        sa.Column("turn", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
    )
    for column in ("brand_id", "member_id"):
        op.create_index(f"ix_duty_{column}", "duty", [column])
    goes_on = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_duty_on",
        "duty",
        ["member_id"],
        unique=True,
        sqlite_where=goes_on,
        postgresql_where=goes_on,
    )


def downgrade() -> None:
    op.drop_table("duty")
