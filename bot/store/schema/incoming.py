"""What comes in: accounts and where their legs stand, threads, items and their authors."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from bot.store.schema.columns import ID, METADATA, moment, partial_index, ref, row_id, words

account = Table(
    "account",
    METADATA,
    row_id(),
    ref("brand_id", "brand"),
    Column("slug", String(60), nullable=False),
    Column("network", String(30), nullable=False),
    words("name"),
    Column("state", String(20), nullable=False),
    Column("resume_state", String(20), nullable=False),
    Column("remote_id", Text),
    words("trouble"),
    moment("last_heard_at", nullable=True),
    moment("token_ends_at", nullable=True),
    Column("from_file", Boolean, nullable=False, server_default=text("true")),
    UniqueConstraint("brand_id", "slug"),
)

account_settings = Table(
    "account_settings",
    METADATA,
    Column("account_id", ID, ForeignKey("account.id"), primary_key=True, autoincrement=False),
    Column("settings", JSON, nullable=False),
    Column("hook", String(80)),
    moment("hooked_at", nullable=True),
)
"""Of those that were connected in the console; without their secrets, which are sealed."""

hold = Table(
    "hold",
    METADATA,
    row_id(),
    ref("brand_id", "brand"),
    Column("scope", String(60), nullable=False),
    Column("kind", String(20), nullable=False),
    words("reason"),
    ref("member_id", "member"),
    moment("created_at"),
    UniqueConstraint("brand_id", "scope", "kind"),
)

leg_cursor = Table(
    "leg_cursor",
    METADATA,
    Column("account_id", ID, ForeignKey("account.id"), primary_key=True),
    Column("leg", String(40), primary_key=True),
    Column("cursor", Text),
    moment("synced_at"),
)

author = Table(
    "author",
    METADATA,
    row_id(),
    ref("account_id", "account"),
    Column("remote_id", Text, nullable=False),
    words("handle"),
    words("display_name"),
    words("url"),
    Column("followers", BigInteger),
    Column("is_forgotten", Boolean, nullable=False, server_default=text("false")),
    UniqueConstraint("account_id", "remote_id"),
)

conversation = Table(
    "conversation",
    METADATA,
    row_id(),
    ref("account_id", "account"),
    Column("root_remote_id", Text, nullable=False),
    words("title"),
    words("post_text"),
    words("post_link"),
    Column("post_picture", JSON),
    moment("changed_at"),
    UniqueConstraint("account_id", "root_remote_id"),
    Index("ix_conversation_account_id_changed_at", "account_id", "changed_at"),
)

item = Table(
    "item",
    METADATA,
    row_id(),
    ref("brand_id", "brand"),
    ref("account_id", "account"),
    ref("conversation_id", "conversation"),
    ref("author_id", "author"),
    Column("remote_id", Text, nullable=False),
    Column("kind", String(20), nullable=False),
    words("text"),
    Column("revision", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    moment("published_at"),
    moment("received_at"),
    words("permalink"),
    Column("parent_remote_id", Text),
    Column("hints", JSON, nullable=False),
    Column("media", JSON, nullable=False),
    Column("triage", JSON),
    ref("assignee_id", "member", nullable=True),
    moment("snoozed_until", nullable=True),
    Column("snoozed_by", ID),
    Column("is_liked", Boolean, nullable=False, server_default=text("false")),
    Column("is_hidden", Boolean, nullable=False, server_default=text("false")),
    Column("native_reply", Text),
    Column("native_reply_id", Text),
    words("native_reply_text"),
    Column("follows_id", ID),
    moment("waits_since", nullable=True),
    moment("due_at", nullable=True),
    moment("tell_at", nullable=True),
    moment("answered_at", nullable=True),
    Column("has_asides", Boolean, nullable=False, server_default=text("false")),
    Column("by_hand", JSON(none_as_null=True)),
    UniqueConstraint("account_id", "remote_id"),
    Index("ix_item_brand_id_state_id", "brand_id", "state", "id"),
    Index("ix_item_author_id_published_at", "author_id", "published_at"),
    partial_index(
        "ix_item_native_reply_id",
        "account_id",
        "native_reply_id",
        where="native_reply_id IS NOT NULL",
    ),
    partial_index(
        "ix_item_due_at",
        "brand_id",
        "due_at",
        where="due_at IS NOT NULL AND state IN ('open', 'answering')",
    ),
    partial_index("ix_item_answered", "author_id", "conversation_id", where="state = 'answered'"),
    partial_index("ix_item_snoozed", "author_id", where="snoozed_until IS NOT NULL"),
    partial_index("ix_item_tell_at", "brand_id", "tell_at", where="tell_at IS NOT NULL"),
)

unsupported = Table(
    "unsupported",
    METADATA,
    row_id(),
    ref("account_id", "account", nullable=True),
    Column("network", String(30), nullable=False),
    Column("kind", Text, nullable=False),
    words("payload"),
    moment("received_at"),
)
