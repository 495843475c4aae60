"""The desk's first schema: everything from a comment to its published reply."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.migrations.columns import ID, identity, json, number, ref, word, words

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# The names of constraints come from the naming convention of `bot.store.schema`.


def upgrade() -> None:
    op.create_table(
        "brand",
        identity(),
        word("slug", 60),
        words("name"),
        json("languages"),
        json("keywords"),
        word("zone", 60),
        words("voice"),
        sa.UniqueConstraint("slug"),
    )
    op.create_table(
        "command",
        word("id", 80),
        word("chat", 20),
        word("user", 100),
        word("kind", 20),
        words("says"),
        words("note"),
        word("press", 64),
        number("at"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_command_at", "command", ["at"])
    op.create_index("ix_command_press", "command", ["press"])
    op.create_table(
        "due",
        identity(),
        word("kind", 30),
        word("key", 120),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        number("due_at", nullable=True),
        json("arg"),
        number("every", nullable=True),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("max_attempts", sa.Integer(), nullable=False),
        sa.Column("claim", sa.Integer(), server_default="0", nullable=False),
        sa.Column("owner", sa.String(length=40), nullable=True),
        words("error"),
        number("created_at"),
        sa.UniqueConstraint("key"),
    )
    op.create_index(
        "ix_due_lane_due_at",
        "due",
        ["lane", "due_at"],
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_table(
        "media",
        word("hash", 64),
        word("content_type", 40),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        number("created_at"),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_table(
        "rate_bucket",
        word("key", 160),
        number("tat"),
        sa.Column("closed_until", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "sealed_secret",
        word("key", 120),
        sa.Column("sealed", sa.Text(), nullable=False),
        number("changed_at"),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "account",
        identity(),
        ref("brand_id", "brand.id"),
        word("slug", 60),
        word("network", 30),
        words("name"),
        word("state", 20),
        word("resume_state", 20),
        sa.Column("remote_id", sa.Text(), nullable=True),
        words("trouble"),
        number("last_heard_at", nullable=True),
        sa.UniqueConstraint("brand_id", "slug"),
    )
    op.create_table(
        "member",
        identity(),
        ref("brand_id", "brand.id"),
        word("slug", 60),
        words("name"),
        word("role", 20),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.UniqueConstraint("brand_id", "slug"),
    )
    op.create_table(
        "approval",
        identity(),
        ref("brand_id", "brand.id"),
        word("subject", 20),
        sa.Column("subject_id", ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        word("hash", 64),
        ref("member_id", "member.id"),
        number("given_at"),
        sa.Column("is_void", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.create_index(
        "ix_approval_subject_subject_id_version", "approval", ["subject", "subject_id", "version"]
    )
    op.create_table(
        "audit",
        identity(),
        number("at"),
        ref("brand_id", "brand.id"),
        ref("member_id", "member.id", nullable=True),
        word("chat", 20),
        word("action", 40),
        word("subject", 20),
        sa.Column("subject_id", ID, nullable=False),
        json("facts"),
        sa.Column("text_hash", sa.String(length=64), nullable=True),
        number("seal_number", nullable=True),
        sa.Column("seal_hash", sa.String(length=64), nullable=True),
        number("sealed_at", nullable=True),
        sa.UniqueConstraint("seal_number"),
    )
    op.create_index("ix_audit_subject_subject_id", "audit", ["subject", "subject_id"])
    op.create_table(
        "author",
        identity(),
        ref("account_id", "account.id"),
        sa.Column("remote_id", sa.Text(), nullable=False),
        words("handle"),
        words("display_name"),
        words("url"),
        number("followers", nullable=True),
        sa.Column("is_forgotten", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.UniqueConstraint("account_id", "remote_id"),
    )
    op.create_table(
        "card",
        identity(),
        ref("brand_id", "brand.id"),
        word("token", 12),
        word("kind", 20),
        sa.Column("subject_id", ID, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        ref("changed_by", "member.id", nullable=True),
        number("changed_at"),
        words("changed_how"),
        sa.UniqueConstraint("kind", "subject_id"),
        sa.UniqueConstraint("token"),
    )
    op.create_index("ix_card_brand_id_changed_at", "card", ["brand_id", "changed_at"])
    op.create_table(
        "chat_identity",
        word("chat", 20),
        word("user", 100),
        ref("member_id", "member.id"),
        sa.PrimaryKeyConstraint("chat", "user"),
    )
    op.create_table(
        "console_session",
        word("hash", 64),
        ref("member_id", "member.id"),
        number("expires_at"),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_table(
        "console_ticket",
        word("hash", 64),
        ref("member_id", "member.id"),
        number("expires_at"),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_table(
        "conversation",
        identity(),
        ref("account_id", "account.id"),
        sa.Column("root_remote_id", sa.Text(), nullable=False),
        words("title"),
        word("state", 20),
        number("changed_at"),
        sa.UniqueConstraint("account_id", "root_remote_id"),
    )
    op.create_index(
        "ix_conversation_account_id_changed_at", "conversation", ["account_id", "changed_at"]
    )
    op.create_table(
        "event",
        identity(),
        number("at"),
        word("kind", 40),
        ref("brand_id", "brand.id"),
        word("subject", 20),
        sa.Column("subject_id", ID, nullable=False),
        ref("member_id", "member.id", nullable=True),
        json("facts"),
    )
    op.create_index("ix_event_subject_subject_id", "event", ["subject", "subject_id"])
    op.create_table(
        "hold",
        identity(),
        ref("brand_id", "brand.id"),
        word("scope", 60),
        word("kind", 20),
        words("reason"),
        ref("member_id", "member.id"),
        number("created_at"),
        sa.UniqueConstraint("brand_id", "scope", "kind"),
    )
    op.create_table(
        "leg_cursor",
        ref("account_id", "account.id"),
        word("leg", 40),
        sa.Column("cursor", sa.Text(), nullable=True),
        number("synced_at"),
        sa.PrimaryKeyConstraint("account_id", "leg"),
    )
    op.create_table(
        "post",
        identity(),
        ref("brand_id", "brand.id"),
        ref("author_id", "member.id"),
        ref("edited_by", "member.id"),
        word("state", 20),
        sa.Column("revision", sa.Integer(), nullable=False),
        number("slot", nullable=True),
        number("expires_at", nullable=True),
        number("created_at"),
        words("requested_changes"),
    )
    op.create_table(
        "unsupported",
        identity(),
        ref("account_id", "account.id", nullable=True),
        word("network", 30),
        sa.Column("kind", sa.Text(), nullable=False),
        words("payload"),
        number("received_at"),
    )
    op.create_table(
        "audit_text",
        ref("audit_id", "audit.id"),
        word("salt", 32),
        words("text"),
        sa.PrimaryKeyConstraint("audit_id"),
    )
    op.create_table(
        "item",
        identity(),
        ref("brand_id", "brand.id"),
        ref("account_id", "account.id"),
        ref("conversation_id", "conversation.id"),
        ref("author_id", "author.id"),
        sa.Column("remote_id", sa.Text(), nullable=False),
        word("kind", 20),
        words("text"),
        sa.Column("revision", sa.Integer(), nullable=False),
        word("state", 20),
        number("published_at"),
        number("received_at"),
        words("permalink"),
        sa.Column("parent_remote_id", sa.Text(), nullable=True),
        sa.Column("thread_remote_id", sa.Text(), nullable=False),
        json("hints"),
        json("media"),
        sa.Column("triage", sa.JSON(), nullable=True),
        ref("assignee_id", "member.id", nullable=True),
        number("snoozed_until", nullable=True),
        sa.Column("is_liked", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_hidden", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("native_reply", sa.Text(), nullable=True),
        sa.UniqueConstraint("account_id", "remote_id"),
    )
    op.create_index("ix_item_author_id", "item", ["author_id"])
    op.create_index("ix_item_brand_id_state_id", "item", ["brand_id", "state", "id"])
    op.create_index("ix_item_conversation_id", "item", ["conversation_id"])
    op.create_table(
        "post_media",
        ref("post_id", "post.id"),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), sa.ForeignKey("media.hash"), nullable=False),
        words("alt_text"),
        sa.PrimaryKeyConstraint("post_id", "position"),
    )
    op.create_table(
        "post_variant",
        identity(),
        ref("post_id", "post.id"),
        ref("account_id", "account.id"),
        words("text"),
        sa.UniqueConstraint("post_id", "account_id"),
    )
    op.create_table(
        "draft",
        identity(),
        ref("item_id", "item.id"),
        sa.Column("item_revision", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        words("text"),
        word("origin", 20),
        ref("author_id", "member.id", nullable=True),
        words("note"),
        json("mentions"),
        number("created_at"),
        sa.Column("is_void", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.UniqueConstraint("item_id", "version"),
    )
    op.create_table(
        "publication",
        identity(),
        ref("brand_id", "brand.id"),
        ref("account_id", "account.id"),
        ref("approval_id", "approval.id"),
        ref("item_id", "item.id", nullable=True),
        sa.Column("item_revision", sa.Integer(), nullable=True),
        ref("variant_id", "post_variant.id", nullable=True),
        words("text"),
        sa.Column("prepared", sa.Text(), nullable=False),
        word("state", 20),
        number("created_at"),
        number("not_before"),
        number("expires_at", nullable=True),
        sa.Column("staged", sa.JSON(), nullable=True),
        sa.Column("remote_id", sa.Text(), nullable=True),
        words("permalink"),
        sa.Column("visibility", sa.String(length=20), nullable=True),
        words("trouble"),
        sa.Column("looks", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
    )
    op.create_index(
        "ix_publication_account_id_remote_id", "publication", ["account_id", "remote_id"]
    )
    op.create_index("ix_publication_item_id", "publication", ["item_id"])
    op.create_index("ix_publication_variant_id", "publication", ["variant_id"])
    op.create_index(
        "uq_publication_approval_alive",
        "publication",
        ["approval_id", "account_id"],
        unique=True,
        sqlite_where=sa.text("state <> 'cancelled'"),
        postgresql_where=sa.text("state <> 'cancelled'"),
    )
    op.create_index(
        "uq_publication_item_in_flight",
        "publication",
        ["item_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('queued','sending','unknown','needs_human')"),
        postgresql_where=sa.text("state IN ('queued','sending','unknown','needs_human')"),
    )
    op.create_table(
        "attempt",
        identity(),
        ref("publication_id", "publication.id"),
        sa.Column("number", sa.Integer(), nullable=False),
        number("started_at"),
        number("deadline"),
        number("ended_at", nullable=True),
        words("outcome"),
        sa.UniqueConstraint("publication_id", "number"),
    )


def downgrade() -> None:
    youngest_first = """
        attempt publication draft post_variant post_media item audit_text unsupported
        post leg_cursor hold event conversation console_ticket console_session
        chat_identity card author audit approval member account sealed_secret
        rate_bucket media due command brand
    """
    for table in youngest_first.split():
        op.drop_table(table)
