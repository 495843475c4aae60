"""A pause asks by a card, and whatever card asks about a post that was held is named by its row."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.migrations.columns import ID, identity, json, number, ref, word, words

revision = "0187"
down_revision = "0186"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hold_change",
        identity(),
        ref("brand_id", "brand.id"),
        word("verb", 10),
        json("kinds"),
        ref("account_id", "account.id", nullable=True),
        words("reason"),
        ref("member_id", "member.id"),
        number("asked_at"),
        word("state", 10),
        json("shown_posts"),
        sa.Column("shown_replies", sa.Integer(), nullable=False),
    )
    op.create_index("ix_hold_change_brand_id", "hold_change", ["brand_id"])
    op.create_table("held_post", *_held("card_id", "card.id"))
    op.create_index("ix_held_post_publication_id", "held_post", ["publication_id"])
    op.execute(
        "INSERT INTO held_post (card_id, publication_id, decision, decided_by, decided_at) "
        "SELECT card.id, publication_id, decision, decided_by, decided_at FROM crisis_held "
        "JOIN card ON card.kind = 'crisis' AND card.subject_id = crisis_held.crisis_id"
    )
    op.drop_table("crisis_held")


def downgrade() -> None:
    op.create_table("crisis_held", *_held("crisis_id", "crisis.id"))
    op.create_index("ix_crisis_held_publication_id", "crisis_held", ["publication_id"])
    op.execute(
        "INSERT INTO crisis_held (crisis_id, publication_id, decision, decided_by, decided_at) "
        "SELECT card.subject_id, publication_id, decision, decided_by, decided_at FROM held_post "
        "JOIN card ON card.kind = 'crisis' AND card.id = held_post.card_id"
    )
    op.drop_table("held_post")
    op.drop_table("hold_change")


def _held(asker: str, target: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column(asker, ID, sa.ForeignKey(target), nullable=False),
        sa.Column("publication_id", ID, sa.ForeignKey("publication.id"), nullable=False),
        sa.Column("decision", sa.String(10), nullable=True),
        ref("decided_by", "member.id", nullable=True),
        number("decided_at", nullable=True),
        sa.PrimaryKeyConstraint(asker, "publication_id"),
    ]
