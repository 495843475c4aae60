"""What became of a command."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class OutcomeKind(StrEnum):
    DONE = "done"
    REFUSED = "refused"
    """The person may not, or the words do not pass; nothing changed."""
    STALE = "stale"
    """Somebody was faster; nothing changed."""
    MISSING = "missing"
    """There is no such card."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the person is told, privately, at once. `says` is a whole sentence."""

    kind: OutcomeKind
    says: str
    note: str = ""
    """A machine's answer where there is one: a new card's token, a picture's hash."""
    once: str = field(default="", repr=False)
    """A secret for the one who asked: kept nowhere, so a repeat of the press does not have it."""

    @property
    def is_done(self) -> bool:
        return self.kind is OutcomeKind.DONE
