"""Who snoozed an item, and its author's snoozed items are found however much they wrote besides."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.migrations.columns import ID

revision = "0175"
down_revision = "0174"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("item", sa.Column("snoozed_by", ID, nullable=True))
    where = sa.text("snoozed_until IS NOT NULL")
    op.create_index(
        "ix_item_snoozed", "item", ["author_id"], sqlite_where=where, postgresql_where=where
    )


def downgrade() -> None:
    op.drop_index("ix_item_snoozed", "item")
    with op.batch_alter_table("item") as changed:
        changed.drop_column("snoozed_by")
