"""The first picture of the post under which a conversation stands."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0185"
down_revision = "0184"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("conversation", sa.Column("post_picture", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("conversation", "post_picture")
