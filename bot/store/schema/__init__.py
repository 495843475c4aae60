"""The tables: what the desk knows, and what must happen next, in one database.

Uniqueness that the desk relies on is a constraint here. Whoever imports this room has all tables
in `METADATA`.
"""

from __future__ import annotations

from bot.store.schema.chats import (
    audience,
    audience_member,
    bulk,
    bulk_item,
    card_pictures,
    card_ref,
    card_thread,
    channel,
    chat_note,
    peak,
    peak_item,
    practice,
    team_chat,
)
from bot.store.schema.columns import ID, METADATA
from bot.store.schema.crises import (
    crisis,
    crisis_event,
    crisis_update,
    holding_statement,
)
from bot.store.schema.duties import duty
from bot.store.schema.engagement import engagement
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
from bot.store.schema.holds import held_post, hold_change
from bot.store.schema.incoming import (
    account,
    account_settings,
    author,
    conversation,
    hold,
    item,
    leg_cursor,
    unsupported,
)
from bot.store.schema.labels import item_label, label
from bot.store.schema.notes import note
from bot.store.schema.oncall import (
    escalation,
    expected_peak,
    incident,
    incident_event,
    incident_item,
    oncall_override,
    page,
)
from bot.store.schema.outgoing import (
    approval,
    attempt,
    draft,
    media,
    post,
    post_media,
    post_translation,
    post_variant,
    publication,
    saved_reply,
    translation,
)
from bot.store.schema.promises import promise
from bot.store.schema.questions import question
from bot.store.schema.search import search_progress, search_text
from bot.store.schema.signals import signal, watch
from bot.store.schema.team import (
    brand,
    chat_identity,
    console_session,
    console_ticket,
    link_code,
    member,
)

__all__ = [
    "ID",
    "METADATA",
    "account",
    "account_settings",
    "approval",
    "attempt",
    "audience",
    "audience_member",
    "audit",
    "audit_text",
    "author",
    "brand",
    "bulk",
    "bulk_item",
    "card",
    "card_pictures",
    "card_ref",
    "card_thread",
    "channel",
    "chat_identity",
    "chat_note",
    "command",
    "console_session",
    "console_ticket",
    "conversation",
    "crisis",
    "crisis_event",
    "crisis_update",
    "draft",
    "due",
    "duty",
    "engagement",
    "escalation",
    "event",
    "expected_peak",
    "held_post",
    "hold",
    "hold_change",
    "holding_statement",
    "incident",
    "incident_event",
    "incident_item",
    "item",
    "item_label",
    "label",
    "leg_cursor",
    "link_code",
    "media",
    "member",
    "note",
    "oncall_override",
    "page",
    "peak",
    "peak_item",
    "post",
    "post_media",
    "post_translation",
    "post_variant",
    "practice",
    "promise",
    "publication",
    "question",
    "rate_bucket",
    "saved_reply",
    "sealed_secret",
    "search_progress",
    "search_text",
    "signal",
    "team_chat",
    "translation",
    "unsupported",
    "watch",
]
