"""The tables: what the desk knows, and what must happen next, in one database.

Uniqueness that the desk relies on is a constraint here. Whoever imports this room has all tables
in `METADATA`.
"""

from __future__ import annotations

from bot.store.schema.columns import ID, METADATA
from bot.store.schema.engine import (
    audit,
    audit_text,
    card,
    command,
    due,
    event,
    rate_bucket,
    sealed_secret,
)
from bot.store.schema.incoming import (
    account,
    author,
    conversation,
    hold,
    item,
    leg_cursor,
    unsupported,
)
from bot.store.schema.outgoing import (
    approval,
    attempt,
    draft,
    media,
    post,
    post_media,
    post_variant,
    publication,
)
from bot.store.schema.team import brand, chat_identity, console_session, console_ticket, member

__all__ = [
    "ID",
    "METADATA",
    "account",
    "approval",
    "attempt",
    "audit",
    "audit_text",
    "author",
    "brand",
    "card",
    "chat_identity",
    "command",
    "console_session",
    "console_ticket",
    "conversation",
    "draft",
    "due",
    "event",
    "hold",
    "item",
    "leg_cursor",
    "media",
    "member",
    "post",
    "post_media",
    "post_variant",
    "publication",
    "rate_bucket",
    "sealed_secret",
    "unsupported",
]
