"""The team's chats: channels, where each card stands in them, and what a peak collapses."""

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

from bot.store.schema.columns import (
    ID,
    METADATA,
    MOMENT,
    Hex,
    moment,
    partial_index,
    ref,
    row_id,
    words,
)

channel = Table(
    "channel",
    METADATA,
    row_id(),
    ref("brand_id", "brand"),
    Column("slug", String(60), nullable=False),
    Column("chat", String(20), nullable=False),
    Column("address", String(100), nullable=False),
    Column("topic", String(100), nullable=False, server_default=""),
    words("title"),
    Column("language", String(2), nullable=False),
    Column("zone", String(60), nullable=False),
    Column("shows", JSON, nullable=False),
    Column("routes", JSON, nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("from_file", Boolean, nullable=False),
    words("trouble"),
    Column("is_suspended", Boolean, nullable=False, server_default=text("false")),
    words("reads"),
    Column("threads", Boolean, nullable=False, server_default=text("true")),
    Column("private", Boolean),
    Column("pace", JSON(none_as_null=True)),
    Column("member_id", BigInteger),
    UniqueConstraint("brand_id", "slug"),
)

audience = Table(
    "audience",
    METADATA,
    Column("chat", String(20), primary_key=True),
    Column("address", String(100), primary_key=True),
    Column("is_open", Boolean, nullable=False),
    moment("told_at"),
)
"""Channels of which their chat tells who reads them; a new one is closed until it has."""

audience_member = Table(
    "audience_member",
    METADATA,
    Column("chat", String(20), primary_key=True),
    Column("address", String(100), primary_key=True),
    Column("user", String(100), primary_key=True),
)
"""Of those who read a channel the people whom the desk knows."""

team_chat = Table(
    "team_chat",
    METADATA,
    Column("chat", String(20), primary_key=True),
    ref("brand_id", "brand"),
    Column("remote_id", String(200), nullable=False),
    words("name"),
    Column("is_connected", Boolean, nullable=False),
    words("trouble"),
    Column("is_called", Boolean, nullable=False, server_default=text("false")),
    moment("called_at", nullable=True),
)
"""A chat that was connected in the console; it stays when it is disconnected, so that cards wait.
Its tokens are among the sealed secrets."""

card_ref = Table(
    "card_ref",
    METADATA,
    row_id(),
    ref("card_id", "card"),
    ref("channel_id", "channel"),
    Column("state", String(20), nullable=False),
    Column("key", Hex, nullable=False),
    Column("message", Text),
    Column("look", Hex, nullable=False),
    moment("posting_since", nullable=True),
    moment("posting_until", nullable=True),
    Column("is_repeat", Boolean, nullable=False, server_default=text("false")),
    Column("at", MOMENT, nullable=False, server_default="0"),
    UniqueConstraint("card_id", "channel_id"),
    Index("ix_card_ref_channel_id_message", "channel_id", "message"),
    Index("ix_card_ref_channel_id_at", "channel_id", "at"),
)

card_thread = Table(
    "card_thread",
    METADATA,
    Column("ref_id", ID, ForeignKey("card_ref.id"), primary_key=True, autoincrement=False),
    Column("told", BigInteger, nullable=False),
    Column("key", Hex),
    Column("upto", BigInteger, nullable=False),
    moment("posting_since"),
    moment("posting_until"),
)
"""`told` and `upto` are numbers of events."""

card_pictures = Table(
    "card_pictures",
    METADATA,
    Column("ref_id", ID, ForeignKey("card_ref.id"), primary_key=True, autoincrement=False),
    Column("shown", Hex),
    Column("pending", Hex),
    Column("files", JSON, nullable=False),
    moment("posting_since", nullable=True),
    moment("posting_until", nullable=True),
)

practice = Table(
    "practice",
    METADATA,
    Column("item_id", ID, ForeignKey("item.id"), primary_key=True, autoincrement=False),
    Column("card_id", ID, ForeignKey("card.id"), nullable=False),
    ref("channel_id", "channel", nullable=True),
    ref("member_id", "member"),
    moment("begun_at"),
)
"""Items that are nobody's; `channel_id` is NULL for those of the console."""

peak = Table(
    "peak",
    METADATA,
    row_id(),
    ref("brand_id", "brand"),
    ref("channel_id", "channel", nullable=True),
    Column("kind", String(10), nullable=False, server_default="peak"),
    Column("about", ID, nullable=False, server_default="0"),
    Column("page", Integer, nullable=False, server_default="1"),
    moment("started_at"),
    moment("ended_at", nullable=True),
    partial_index(
        "uq_peak_going_on",
        "channel_id",
        "kind",
        "about",
        unique=True,
        where="ended_at IS NULL",
    ),
)

peak_item = Table(
    "peak_item",
    METADATA,
    Column("peak_id", ID, ForeignKey("peak.id"), primary_key=True),
    Column("item_id", ID, ForeignKey("item.id"), primary_key=True),
    moment("at"),
    Column("cluster", String(8), nullable=False),
    words("label"),
    Index("ix_peak_item_peak_id_at", "peak_id", "at"),
    Index("ix_peak_item_item_id", "item_id"),
    Index("ix_peak_item_peak_id_cluster", "peak_id", "cluster"),
)

bulk = Table(
    "bulk",
    METADATA,
    row_id(),
    ref("peak_id", "peak", index=True),
    Column("chat", String(20), nullable=False),
    Column("user", String(100), nullable=False),
    Column("verb", String(20), nullable=False),
    Column("cluster", String(8), nullable=False),
    words("label"),
    words("text"),
    Column("state", String(20), nullable=False),
    Column("after", BigInteger, nullable=False),
    Column("acted", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    moment("begun_at"),
)

bulk_item = Table(
    "bulk_item",
    METADATA,
    Column("bulk_id", ID, ForeignKey("bulk.id"), primary_key=True),
    Column("item_id", ID, ForeignKey("item.id"), primary_key=True),
)

chat_note = Table(
    "chat_note",
    METADATA,
    row_id(),
    Column("chat", String(20), nullable=False),
    Column("address", String(100), nullable=False),
    Column("name", String(160), nullable=False),
    words("value"),
    UniqueConstraint("chat", "address", "name"),
)
