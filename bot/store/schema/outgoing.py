"""What goes out: drafts, approvals, posts and their pictures, publications."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from bot.store.schema.columns import ID, METADATA, moment, partial_index, ref, row_id, words

draft = Table(
    "draft",
    METADATA,
    row_id(),
    ref("item_id", "item"),
    Column("item_revision", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    words("text"),
    Column("origin", String(20), nullable=False),
    ref("author_id", "member", nullable=True),
    words("note"),
    Column("mentions", JSON, nullable=False),
    moment("created_at"),
    Column("is_void", Boolean, nullable=False, server_default=text("false")),
    UniqueConstraint("item_id", "version"),
)

saved_reply = Table(
    "saved_reply",
    METADATA,
    row_id(),
    ref("brand_id", "brand"),
    Column("name", String(60), nullable=False),
    Column("language", String(2), nullable=False),
    words("text"),
    ref("owner_id", "member"),
    moment("saved_at"),
    Column("used", Integer, nullable=False, server_default=text("0")),
    UniqueConstraint("brand_id", "name", "language"),
)

translation = Table(
    "translation",
    METADATA,
    Column("item_id", ID, ForeignKey("item.id"), primary_key=True, autoincrement=False),
    Column("hash", String(64), primary_key=True),
    Column("language", String(2), primary_key=True),
    words("text"),
    Index("ix_translation_hash_language", "hash", "language"),
)

post_translation = Table(
    "post_translation",
    METADATA,
    Column("post_id", ID, ForeignKey("post.id"), primary_key=True, autoincrement=False),
    Column("hash", String(64), primary_key=True),
    Column("language", String(2), primary_key=True),
    words("text"),
    Index("ix_post_translation_hash_language", "hash", "language"),
)

approval = Table(
    "approval",
    METADATA,
    row_id(),
    ref("brand_id", "brand"),
    Column("subject", String(20), nullable=False),
    Column("subject_id", ID, nullable=False),
    Column("version", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
    ref("member_id", "member"),
    moment("given_at"),
    Column("is_void", Boolean, nullable=False, server_default=text("false")),
    Index("ix_approval_subject_subject_id_version", "subject", "subject_id", "version"),
)

publication = Table(
    "publication",
    METADATA,
    row_id(),
    ref("brand_id", "brand"),
    ref("account_id", "account"),
    ref("approval_id", "approval"),
    ref("item_id", "item", nullable=True),
    Column("item_revision", Integer),
    ref("variant_id", "post_variant", nullable=True),
    words("text"),
    Column("prepared", Text, nullable=False),
    Column("state", String(20), nullable=False),
    moment("created_at"),
    moment("not_before"),
    moment("expires_at", nullable=True),
    Column("staged", JSON),
    Column("remote_id", Text),
    words("permalink"),
    Column("visibility", String(20)),
    words("trouble"),
    Column("is_shadow", Boolean, nullable=False, server_default=text("false")),
    Column("looks", Integer, nullable=False, server_default="0"),
    Column("tries", Integer, nullable=False, server_default="0"),
    partial_index(
        "uq_publication_approval_alive",
        "approval_id",
        "account_id",
        unique=True,
        where="state <> 'cancelled'",
    ),
    partial_index(
        "uq_publication_item_in_flight",
        "item_id",
        unique=True,
        where="state IN ('queued','sending','unknown','needs_human')",
    ),
    Index("ix_publication_account_id_remote_id", "account_id", "remote_id"),
    Index("ix_publication_item_id", "item_id"),
    Index("ix_publication_variant_id", "variant_id"),
)

attempt = Table(
    "attempt",
    METADATA,
    row_id(),
    ref("publication_id", "publication"),
    Column("number", Integer, nullable=False),
    moment("started_at"),
    moment("deadline"),
    moment("ended_at", nullable=True),
    words("outcome"),
    UniqueConstraint("publication_id", "number"),
)

post = Table(
    "post",
    METADATA,
    row_id(),
    ref("brand_id", "brand"),
    ref("author_id", "member"),
    ref("edited_by", "member"),
    Column("state", String(20), nullable=False),
    Column("revision", Integer, nullable=False),
    moment("slot", nullable=True),
    moment("expires_at", nullable=True),
    moment("created_at"),
    words("requested_changes"),
    words("answers"),
)

post_variant = Table(
    "post_variant",
    METADATA,
    row_id(),
    ref("post_id", "post"),
    ref("account_id", "account"),
    words("text"),
    words("before"),
    UniqueConstraint("post_id", "account_id"),
)

media = Table(
    "media",
    METADATA,
    Column("hash", String(64), primary_key=True),
    Column("content_type", String(40), nullable=False),
    Column("size", Integer, nullable=False),
    Column("data", LargeBinary, nullable=False),
    moment("created_at"),
)

post_media = Table(
    "post_media",
    METADATA,
    Column("post_id", ID, ForeignKey("post.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("hash", String(64), ForeignKey("media.hash"), nullable=False),
    words("alt_text"),
)
