"""The kinds of cards, and the filters of the queue that shows them."""

from __future__ import annotations

from enum import StrEnum


class CardKind(StrEnum):
    ITEM = "item"
    POST = "post"
    ACCOUNT = "account"
    PEAK = "peak"
    INCIDENT = "incident"
    CRISIS = "crisis"
    STATEMENT = "statement"
    UPDATE = "update"


class QueueFilter(StrEnum):
    OPEN = "open"
    """Waits for a decision: open items, approvals, what needs a human."""
    MINE = "mine"
    POSTS = "posts"
    QUIET = "quiet"
    DONE = "done"
    BACKLOG = "backlog"
    """Muted at the first sync."""
    ALL = "all"
