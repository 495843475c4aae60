"""Names by which Slack brings back what people press and send, each once."""

from __future__ import annotations

from enum import StrEnum

NEW_POST = "new_post"
REPLY = "reply_as_brand"
"""`callback_id` of each shortcut."""


class Modal(StrEnum):
    """`callback_id` of each modal."""

    EDIT = "edit"
    ENTRY = "entry"
    CARD = "card"
    HISTORY = "history"
    BEFORE = "before"
    NOTICE = "notice"
    POST = "post"
    PICTURES = "pictures"
    WEEK = "week"


class Area(StrEnum):
    """The first word of `action_id`, which says who hears a press."""

    ACT = "act"
    HOME = "home"
    ACCOUNT = "account"
    LAND = "land"
    WEEK = "week"
    PICTURES = "pictures"
