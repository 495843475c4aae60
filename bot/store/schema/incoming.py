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

from bot.store.schema.columns import ID, METADATA, moment, ref, row_id, words

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
    UniqueConstraint("brand_id", "slug"),
)

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
    Column("state", String(20), nullable=False),
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
    ref("conversation_id", "conversation", index=True),
    ref("author_id", "author", index=True),
    Column("remote_id", Text, nullable=False),
    Column("kind", String(20), nullable=False),
    words("text"),
    Column("revision", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    moment("published_at"),
    moment("received_at"),
    words("permalink"),
    Column("parent_remote_id", Text),
    Column("thread_remote_id", Text, nullable=False),
    Column("hints", JSON, nullable=False),
    Column("media", JSON, nullable=False),
    Column("triage", JSON),
    ref("assignee_id", "member", nullable=True),
    moment("snoozed_until", nullable=True),
    Column("is_liked", Boolean, nullable=False, server_default=text("false")),
    Column("is_hidden", Boolean, nullable=False, server_default=text("false")),
    Column("native_reply", Text),
    UniqueConstraint("account_id", "remote_id"),
    Index("ix_item_brand_id_state_id", "brand_id", "state", "id"),
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
