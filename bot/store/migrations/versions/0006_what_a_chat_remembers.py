"""What a front end must know again after a restart: topics it made, groups that moved."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.migrations.columns import identity, word, words

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "chat_note",
        identity(),
        word("chat", 20),
        word("address", 100),
        word("name", 160),
        words("value"),
        sa.UniqueConstraint("chat", "address", "name"),
    )


def downgrade() -> None:
    op.drop_table("chat_note")
