"""On call: incidents with their timelines, pages, and who stands in for whom."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.migrations.columns import ID, identity, json, number, ref, word, words

revision = "0110"
down_revision = "0100"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "incident",
        identity(),
        ref("brand_id", "brand.id"),
        word("cause", 80),
        word("kind", 20),
        sa.Column("severity", sa.SmallInteger(), nullable=False),
        word("state", 20),
        ref("account_id", "account.id", nullable=True),
        ref("item_id", "item.id", nullable=True),
        _count("count"),
        number("expected", nullable=True),
        _count("minutes"),
        number("reach"),
        number("opened_at"),
        number("fired_at"),
        word("policy", 60),
        _count("step"),
        _count("round"),
        _count("turn"),
        number("next_at", nullable=True),
        number("silenced_until", nullable=True),
        _count("rearm_at"),
        ref("lead_id", "member.id", nullable=True),
        ref("acknowledged_by", "member.id", nullable=True),
        number("acknowledged_at", nullable=True),
        ref("resolved_by", "member.id", nullable=True),
        number("resolved_at", nullable=True),
        sa.Column("verdict", sa.String(10), nullable=True),
        ref("verdict_by", "member.id", nullable=True),
    )
    is_open = sa.text("state <> 'resolved'")
    op.create_index(
        "uq_incident_of_cause",
        "incident",
        ["brand_id", "cause"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_index("ix_incident_brand_id_state_id", "incident", ["brand_id", "state", "id"])
    op.create_table(
        "incident_item",
        sa.Column("incident_id", ID, sa.ForeignKey("incident.id"), nullable=False),
        sa.Column("item_id", ID, sa.ForeignKey("item.id"), nullable=False),
        number("at"),
        sa.PrimaryKeyConstraint("incident_id", "item_id"),
    )
    op.create_table(
        "incident_event",
        identity(),
        ref("incident_id", "incident.id"),
        number("at"),
        word("what", 20),
        ref("member_id", "member.id", nullable=True),
        json("facts"),
    )
    op.create_index("ix_incident_event_incident_id", "incident_event", ["incident_id"])
    _pages()
    op.create_table(
        "oncall_override",
        identity(),
        ref("brand_id", "brand.id"),
        word("rotation", 60),
        ref("member_id", "member.id"),
        number("since"),
        number("until"),
        ref("made_by", "member.id", nullable=True),
    )
    op.create_index("ix_oncall_override_brand_id_until", "oncall_override", ["brand_id", "until"])


def _pages() -> None:
    op.create_table(
        "page",
        identity(),
        ref("brand_id", "brand.id"),
        ref("incident_id", "incident.id", nullable=True),
        ref("member_id", "member.id", nullable=True),
        _count("turn"),
        json("routes"),
        _count("route"),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        word("state", 20),
        _count("tries"),
        sa.Column("is_repeat", sa.Boolean(), nullable=False),
        _count("doubts"),
        number("sending_until", nullable=True),
        words("place"),
        words("receipt"),
        words("says"),
        number("created_at"),
        number("delivered_at", nullable=True),
        sa.Column("told", sa.String(20), nullable=True),
        sa.UniqueConstraint("incident_id", "turn", "member_id"),
    )
    op.create_index("ix_page_incident_id", "page", ["incident_id"])
    op.create_index("ix_page_member_id_delivered_at", "page", ["member_id", "delivered_at"])


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def downgrade() -> None:
    op.drop_table("oncall_override")
    op.drop_table("page")
    op.drop_table("incident_event")
    op.drop_table("incident_item")
    op.drop_table("incident")
