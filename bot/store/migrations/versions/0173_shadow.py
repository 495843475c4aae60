"""What was approved while its account was in shadow is recorded and never sent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0173"
down_revision = "0172"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "publication",
        sa.Column("is_shadow", sa.Boolean(), server_default=sa.false(), nullable=False),
    )


def downgrade() -> None:
    with op.batch_alter_table("publication") as table:
        table.drop_column("is_shadow")
