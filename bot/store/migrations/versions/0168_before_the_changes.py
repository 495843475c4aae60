"""What a post said before the changes that somebody asked for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0168"
down_revision = "0167"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table, column in (("post", "answers"), ("post_variant", "before")):
        op.add_column(table, sa.Column(column, sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    for table, column in (("post", "answers"), ("post_variant", "before")):
        with op.batch_alter_table(table) as changed:
            changed.drop_column(column)
