"""That more than usual is to come, as the team says."""

from __future__ import annotations

from alembic import op

from bot.store.migrations.columns import identity, number, ref, words

revision = "0111"
down_revision = "0110"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "expected_peak",
        identity(),
        ref("brand_id", "brand.id"),
        number("since"),
        number("until"),
        words("reason"),
        ref("made_by", "member.id", nullable=True),
    )
    op.create_index("ix_expected_peak_brand_id_until", "expected_peak", ["brand_id", "until"])


def downgrade() -> None:
    op.drop_table("expected_peak")
