"""What may be done to somebody's item on its network, beside answering it."""

from __future__ import annotations

from enum import StrEnum


class ModerationAction(StrEnum):
    LIKE = "like"
    UNLIKE = "unlike"
    HIDE = "hide"
    UNHIDE = "unhide"
    SPAM = "spam"
    DELETE = "delete"
    DELETE_OWN = "delete_own"
