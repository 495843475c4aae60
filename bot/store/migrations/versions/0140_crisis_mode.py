"""Crisis mode: crises with their timelines, and what each of them held."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.migrations.columns import ID, identity, json, number, ref, word, words

revision = "0140"
down_revision = "0130"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "crisis",
        identity(),
        ref("brand_id", "brand.id"),
        word("state", 10),
        word("level", 10),
        words("reason"),
        ref("incident_id", "incident.id", nullable=True),
        ref("lead_id", "member.id", nullable=True),
        ref("proposed_by", "member.id"),
        number("proposed_at"),
        ref("started_by", "member.id", nullable=True),
        number("started_at", nullable=True),
        ref("ended_by", "member.id", nullable=True),
        number("ended_at", nullable=True),
    )
    is_on = sa.text("state = 'on'")
    op.create_index(
        "uq_crisis_on",
        "crisis",
        ["brand_id"],
        unique=True,
        sqlite_where=is_on,
        postgresql_where=is_on,
    )
    op.create_index("ix_crisis_brand_id_state", "crisis", ["brand_id", "state"])
    op.create_table(
        "crisis_event",
        identity(),
        ref("crisis_id", "crisis.id"),
        number("at"),
        word("what", 20),
        ref("member_id", "member.id", nullable=True),
        json("facts"),
    )
    op.create_index("ix_crisis_event_crisis_id", "crisis_event", ["crisis_id"])
    op.create_table(
        "crisis_held",
        sa.Column("crisis_id", ID, sa.ForeignKey("crisis.id"), nullable=False),
        sa.Column("publication_id", ID, sa.ForeignKey("publication.id"), nullable=False),
        sa.Column("decision", sa.String(10), nullable=True),
        ref("decided_by", "member.id", nullable=True),
        number("decided_at", nullable=True),
        sa.PrimaryKeyConstraint("crisis_id", "publication_id"),
    )
    op.create_index("ix_crisis_held_publication_id", "crisis_held", ["publication_id"])


def downgrade() -> None:
    op.drop_table("crisis_held")
    op.drop_table("crisis_event")
    op.drop_table("crisis")
