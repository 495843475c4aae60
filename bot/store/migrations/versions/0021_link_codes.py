"""One-time codes with which a member says who they are in another chat."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.migrations.columns import number, ref, word

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "link_code",
        ref("member_id", "member.id"),
        word("hash", 64),
        word("chat", 20),
        number("expires_at"),
        sa.PrimaryKeyConstraint("member_id"),
        sa.UniqueConstraint("hash"),
    )


def downgrade() -> None:
    op.drop_table("link_code")
