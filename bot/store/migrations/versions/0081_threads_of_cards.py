"""What was told in the threads under cards, and channels in which nothing is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.migrations.columns import number, ref

revision = "0081"
down_revision = "0080"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "card_thread",
        ref("ref_id", "card_ref.id"),
        number("told"),
        sa.Column("key", sa.LargeBinary()),
        number("upto"),
        number("posting_since"),
        number("posting_until"),
        sa.PrimaryKeyConstraint("ref_id"),
    )
    op.add_column(
        "channel", sa.Column("threads", sa.Boolean(), server_default=sa.true(), nullable=False)
    )


def downgrade() -> None:
    with op.batch_alter_table("channel") as batch:
        batch.drop_column("threads")
    op.drop_table("card_thread")
