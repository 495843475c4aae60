"""The tables: what the desk knows, and what must happen next, in one database.

Every moment is an integer of UTC milliseconds. Every id is a BIGINT identity; SQLite wants its
row id spelled INTEGER for that. Uniqueness that the desk relies on is a constraint here.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

ID = BigInteger().with_variant(Integer, "sqlite")
MOMENT = BigInteger


def _id() -> Column[int]:
    return Column("id", ID, Identity(), primary_key=True)


def _ref(name: str, target: str, *, nullable: bool = False, index: bool = False) -> Column[int]:
    return Column(name, ID, ForeignKey(f"{target}.id"), nullable=nullable, index=index)


def _at(name: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, MOMENT, nullable=nullable)


def _words(name: str, *, default: str | None = "") -> Column[str]:
    return Column(name, Text, nullable=default is None, server_default=default)


brand = Table(
    "brand",
    METADATA,
    _id(),
    Column("slug", String(60), nullable=False, unique=True),
    _words("name"),
    Column("languages", JSON, nullable=False),
    Column("keywords", JSON, nullable=False),
    Column("zone", String(60), nullable=False),
    _words("voice"),
)

member = Table(
    "member",
    METADATA,
    _id(),
    _ref("brand_id", "brand"),
    Column("slug", String(60), nullable=False),
    _words("name"),
    Column("role", String(20), nullable=False),
    Column("is_active", Boolean, nullable=False),
    UniqueConstraint("brand_id", "slug"),
)

chat_identity = Table(
    "chat_identity",
    METADATA,
    Column("chat", String(20), primary_key=True),
    Column("user", String(100), primary_key=True),
    _ref("member_id", "member"),
)

account = Table(
    "account",
    METADATA,
    _id(),
    _ref("brand_id", "brand"),
    Column("slug", String(60), nullable=False),
    Column("network", String(30), nullable=False),
    _words("name"),
    Column("state", String(20), nullable=False),
    Column("resume_state", String(20), nullable=False),
    Column("remote_id", Text),
    _words("trouble"),
    _at("last_heard_at", nullable=True),
    UniqueConstraint("brand_id", "slug"),
)

hold = Table(
    "hold",
    METADATA,
    _id(),
    _ref("brand_id", "brand"),
    Column("scope", String(60), nullable=False),
    Column("kind", String(20), nullable=False),
    _words("reason"),
    _ref("member_id", "member"),
    _at("created_at"),
    UniqueConstraint("brand_id", "scope", "kind"),
)

leg_cursor = Table(
    "leg_cursor",
    METADATA,
    Column("account_id", ID, ForeignKey("account.id"), primary_key=True),
    Column("leg", String(40), primary_key=True),
    Column("cursor", Text),
    _at("synced_at"),
)

author = Table(
    "author",
    METADATA,
    _id(),
    _ref("account_id", "account"),
    Column("remote_id", Text, nullable=False),
    _words("handle"),
    _words("display_name"),
    _words("url"),
    Column("followers", BigInteger),
    Column("is_forgotten", Boolean, nullable=False, server_default=text("false")),
    UniqueConstraint("account_id", "remote_id"),
)

conversation = Table(
    "conversation",
    METADATA,
    _id(),
    _ref("account_id", "account"),
    Column("root_remote_id", Text, nullable=False),
    _words("title"),
    Column("state", String(20), nullable=False),
    _at("changed_at"),
    UniqueConstraint("account_id", "root_remote_id"),
    Index("ix_conversation_account_id_changed_at", "account_id", "changed_at"),
)

item = Table(
    "item",
    METADATA,
    _id(),
    _ref("brand_id", "brand"),
    _ref("account_id", "account"),
    _ref("conversation_id", "conversation", index=True),
    _ref("author_id", "author", index=True),
    Column("remote_id", Text, nullable=False),
    Column("kind", String(20), nullable=False),
    _words("text"),
    Column("revision", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    _at("published_at"),
    _at("received_at"),
    _words("permalink"),
    Column("parent_remote_id", Text),
    Column("thread_remote_id", Text, nullable=False),
    Column("hints", JSON, nullable=False),
    Column("media", JSON, nullable=False),
    Column("triage", JSON),
    _ref("assignee_id", "member", nullable=True),
    _at("snoozed_until", nullable=True),
    Column("is_liked", Boolean, nullable=False, server_default=text("false")),
    Column("is_hidden", Boolean, nullable=False, server_default=text("false")),
    Column("native_reply", Text),
    UniqueConstraint("account_id", "remote_id"),
    Index("ix_item_brand_id_state_id", "brand_id", "state", "id"),
)

unsupported = Table(
    "unsupported",
    METADATA,
    _id(),
    _ref("account_id", "account", nullable=True),
    Column("network", String(30), nullable=False),
    Column("kind", Text, nullable=False),
    _words("payload"),
    _at("received_at"),
)

draft = Table(
    "draft",
    METADATA,
    _id(),
    _ref("item_id", "item"),
    Column("item_revision", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    _words("text"),
    Column("origin", String(20), nullable=False),
    _ref("author_id", "member", nullable=True),
    _words("note"),
    Column("mentions", JSON, nullable=False),
    _at("created_at"),
    Column("is_void", Boolean, nullable=False, server_default=text("false")),
    UniqueConstraint("item_id", "version"),
)

card = Table(
    "card",
    METADATA,
    _id(),
    _ref("brand_id", "brand"),
    Column("token", String(12), nullable=False, unique=True),
    Column("kind", String(20), nullable=False),
    Column("subject_id", ID, nullable=False),
    Column("revision", Integer, nullable=False),
    _ref("changed_by", "member", nullable=True),
    _at("changed_at"),
    _words("changed_how"),
    UniqueConstraint("kind", "subject_id"),
    Index("ix_card_brand_id_changed_at", "brand_id", "changed_at"),
)

approval = Table(
    "approval",
    METADATA,
    _id(),
    _ref("brand_id", "brand"),
    Column("subject", String(20), nullable=False),
    Column("subject_id", ID, nullable=False),
    Column("version", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
    _ref("member_id", "member"),
    _at("given_at"),
    Column("is_void", Boolean, nullable=False, server_default=text("false")),
    Index("ix_approval_subject_subject_id_version", "subject", "subject_id", "version"),
)

publication = Table(
    "publication",
    METADATA,
    _id(),
    _ref("brand_id", "brand"),
    _ref("account_id", "account"),
    _ref("approval_id", "approval"),
    _ref("item_id", "item", nullable=True),
    Column("item_revision", Integer),
    _ref("variant_id", "post_variant", nullable=True),
    _words("text"),
    Column("prepared", Text, nullable=False),
    Column("state", String(20), nullable=False),
    _at("created_at"),
    _at("not_before"),
    _at("expires_at", nullable=True),
    Column("staged", JSON),
    Column("remote_id", Text),
    _words("permalink"),
    Column("visibility", String(20)),
    _words("trouble"),
    Column("looks", Integer, nullable=False, server_default="0"),
    Column("tries", Integer, nullable=False, server_default="0"),
    Index(
        "uq_publication_approval_alive",
        "approval_id",
        "account_id",
        unique=True,
        sqlite_where=text("state <> 'cancelled'"),
        postgresql_where=text("state <> 'cancelled'"),
    ),
    Index(
        "uq_publication_item_in_flight",
        "item_id",
        unique=True,
        sqlite_where=text("state IN ('queued','sending','unknown','needs_human')"),
        postgresql_where=text("state IN ('queued','sending','unknown','needs_human')"),
    ),
    Index("ix_publication_account_id_remote_id", "account_id", "remote_id"),
    Index("ix_publication_item_id", "item_id"),
    Index("ix_publication_variant_id", "variant_id"),
)

attempt = Table(
    "attempt",
    METADATA,
    _id(),
    _ref("publication_id", "publication"),
    Column("number", Integer, nullable=False),
    _at("started_at"),
    _at("deadline"),
    _at("ended_at", nullable=True),
    _words("outcome"),
    UniqueConstraint("publication_id", "number"),
)

post = Table(
    "post",
    METADATA,
    _id(),
    _ref("brand_id", "brand"),
    _ref("author_id", "member"),
    _ref("edited_by", "member"),
    Column("state", String(20), nullable=False),
    Column("revision", Integer, nullable=False),
    _at("slot", nullable=True),
    _at("expires_at", nullable=True),
    _at("created_at"),
    _words("requested_changes"),
)

post_variant = Table(
    "post_variant",
    METADATA,
    _id(),
    _ref("post_id", "post"),
    _ref("account_id", "account"),
    _words("text"),
    UniqueConstraint("post_id", "account_id"),
)

media = Table(
    "media",
    METADATA,
    Column("hash", String(64), primary_key=True),
    Column("content_type", String(40), nullable=False),
    Column("size", Integer, nullable=False),
    Column("data", LargeBinary, nullable=False),
    _at("created_at"),
)

post_media = Table(
    "post_media",
    METADATA,
    Column("post_id", ID, ForeignKey("post.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("hash", String(64), ForeignKey("media.hash"), nullable=False),
    _words("alt_text"),
)

command = Table(
    "command",
    METADATA,
    Column("id", String(80), primary_key=True),
    Column("chat", String(20), nullable=False),
    Column("user", String(100), nullable=False),
    Column("kind", String(20), nullable=False),
    _words("says"),
    _words("note"),
    Column("press", String(64), nullable=False),
    _at("at"),
    Index("ix_command_at", "at"),
    Index("ix_command_press", "press"),
)

due = Table(
    "due",
    METADATA,
    _id(),
    Column("kind", String(30), nullable=False),
    Column("key", String(120), nullable=False, unique=True),
    Column("lane", SmallInteger, nullable=False),
    _at("due_at", nullable=True),
    Column("arg", JSON, nullable=False),
    Column("every", BigInteger),
    Column("attempt", Integer, nullable=False, server_default="0"),
    Column("max_attempts", Integer, nullable=False),
    Column("claim", Integer, nullable=False, server_default="0"),
    Column("owner", String(40)),
    _words("error"),
    _at("created_at"),
    Index(
        "ix_due_lane_due_at",
        "lane",
        "due_at",
        sqlite_where=text("due_at IS NOT NULL"),
        postgresql_where=text("due_at IS NOT NULL"),
    ),
)

event = Table(
    "event",
    METADATA,
    _id(),
    _at("at"),
    Column("kind", String(40), nullable=False),
    _ref("brand_id", "brand"),
    Column("subject", String(20), nullable=False),
    Column("subject_id", ID, nullable=False),
    _ref("member_id", "member", nullable=True),
    Column("facts", JSON, nullable=False),
    Index("ix_event_subject_subject_id", "subject", "subject_id"),
)

audit = Table(
    "audit",
    METADATA,
    _id(),
    _at("at"),
    _ref("brand_id", "brand"),
    _ref("member_id", "member", nullable=True),
    Column("chat", String(20), nullable=False),
    Column("action", String(40), nullable=False),
    Column("subject", String(20), nullable=False),
    Column("subject_id", ID, nullable=False),
    Column("facts", JSON, nullable=False),
    Column("text_hash", String(64)),
    Column("seal_number", BigInteger, unique=True),
    Column("seal_hash", String(64)),
    _at("sealed_at", nullable=True),
    Index("ix_audit_subject_subject_id", "subject", "subject_id"),
)

audit_text = Table(
    "audit_text",
    METADATA,
    Column("audit_id", ID, ForeignKey("audit.id"), primary_key=True),
    Column("salt", String(32), nullable=False),
    _words("text"),
)

console_ticket = Table(
    "console_ticket",
    METADATA,
    Column("hash", String(64), primary_key=True),
    _ref("member_id", "member"),
    _at("expires_at"),
)

console_session = Table(
    "console_session",
    METADATA,
    Column("hash", String(64), primary_key=True),
    _ref("member_id", "member"),
    _at("expires_at"),
)

sealed_secret = Table(
    "sealed_secret",
    METADATA,
    Column("key", String(120), primary_key=True),
    Column("sealed", Text, nullable=False),
    _at("changed_at"),
)

rate_bucket = Table(
    "rate_bucket",
    METADATA,
    Column("key", String(160), primary_key=True),
    Column("tat", BigInteger, nullable=False),
    Column("closed_until", BigInteger, nullable=False, server_default="0"),
)
