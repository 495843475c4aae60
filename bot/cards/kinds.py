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
    HOLD = "hold"
    STATEMENT = "statement"
    UPDATE = "update"
    QUESTION = "question"


TURN_BY_THEMSELVES = frozenset({CardKind.PEAK, CardKind.INCIDENT, CardKind.CRISIS, CardKind.HOLD})
"""Cards that turn because somebody counted or was paged, not because somebody decided: a press on
an older look of one counts."""


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
