"""Which language, zone and readings each member and channel has."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.migrations.columns import words

revision = "0030"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("member", "channel"):
        op.add_column(table, words("reads"))
    language = sa.Column("language", sa.String(length=2), server_default="en", nullable=False)
    op.add_column("member", language)
    op.add_column(
        "member", sa.Column("zone", sa.String(length=60), server_default="", nullable=False)
    )


def downgrade() -> None:
    for column in ("language", "zone", "reads"):
        op.drop_column("member", column)
    op.drop_column("channel", "reads")
