"""The card of a first day may stand in the console alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.migrations.columns import ID

revision = "0186"
down_revision = "0185"
branch_labels = None
depends_on = None

_LEAVE = (
    "DELETE FROM bulk_item WHERE bulk_id IN"
    " (SELECT b.id FROM bulk b JOIN peak p ON p.id = b.peak_id WHERE p.channel_id IS NULL)",
    "DELETE FROM bulk WHERE peak_id IN (SELECT id FROM peak WHERE channel_id IS NULL)",
    "DELETE FROM peak_item WHERE peak_id IN (SELECT id FROM peak WHERE channel_id IS NULL)",
    "DELETE FROM card WHERE kind = 'peak'"
    " AND subject_id IN (SELECT id FROM peak WHERE channel_id IS NULL)",
    "DELETE FROM peak WHERE channel_id IS NULL",
)
_GOES_ON = sa.text("ended_at IS NULL")


def upgrade() -> None:
    _make(is_nullable=True)


def downgrade() -> None:
    for statement in _LEAVE:
        op.execute(statement)
    _make(is_nullable=False)


def _make(*, is_nullable: bool) -> None:
    op.drop_index("uq_peak_going_on", "peak")
    with op.batch_alter_table("peak") as table:
        table.alter_column("channel_id", existing_type=ID, nullable=is_nullable)
    op.create_index(
        "uq_peak_going_on",
        "peak",
        ["channel_id", "kind", "about"],
        unique=True,
        sqlite_where=_GOES_ON,
        postgresql_where=_GOES_ON,
    )
