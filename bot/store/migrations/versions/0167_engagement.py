"""What people did with posts, counted while they are young."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0167"
down_revision = "0166"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "engagement",
        sa.Column(
            "account_id", _ID, sa.ForeignKey("account.id"), primary_key=True, autoincrement=False
        ),
        sa.Column("remote_id", sa.String(512), primary_key=True),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.Column("looked_at", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.Column("likes", sa.Integer(), nullable=False),
        sa.Column("shares", sa.Integer(), nullable=False),
        sa.Column("replies", sa.Integer(), nullable=False),
        sa.Column("views", _ID, nullable=True),
        sa.Column("samples", sa.JSON(), nullable=False),
        sa.Column("expected", sa.JSON(none_as_null=True), nullable=True),
    )


def downgrade() -> None:
    op.drop_table("engagement")
