"""What happened outside the desk, as those outside know it: what was written, what was pressed.

The book knows what every press was answered, so that networks and chats can be judged by it. It
never looks into the desk's own records.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import uuid4

from tests.e2e.console_client import SeenCard

_COMMENT = re.compile(r"#(c\d+)$")
_MARK = re.compile(r"\bK\d{5}\b")


class Told(StrEnum):
    """What a person was told of their press."""

    DONE = "done"
    REFUSED = "refused"
    NOTHING = "nothing"
    """The answer was lost, and they did not ask again."""


@dataclass(slots=True)
class Press:
    """One approval: by whom, of which comment, and exactly which text."""

    by: str
    comment: str
    text: str
    data: str
    entry: str
    id: str = field(default_factory=lambda: str(uuid4()))
    told: Told = Told.NOTHING


@dataclass(slots=True)
class Book:
    """What customers wrote (mark by comment) and what the team pressed."""

    written: dict[str, str] = field(default_factory=dict)
    presses: list[Press] = field(default_factory=list)

    @property
    def done(self) -> list[Press]:
        return self.told(Told.DONE)

    def told(self, told: Told) -> list[Press]:
        return [press for press in self.presses if press.told is told]

    def yeses(self) -> int:
        """Acknowledged approvals; who presses the same button twice has said it once."""
        return len({(press.by, press.data, press.entry) for press in self.done})

    def next_mark(self, ahead: int = 0) -> str:
        """A word that no other comment holds."""
        return f"K{len(self.written) + ahead:05d}"


def comment_of(card: SeenCard) -> str:
    """The name that the sandbox network gives to what the card is about."""
    return comment_at(card.source_link)


def comment_at(link: str) -> str:
    found = _COMMENT.search(link)
    return found[1] if found else ""


def mark_of(text: str) -> str:
    found = _MARK.search(text)
    return found[0] if found else ""
