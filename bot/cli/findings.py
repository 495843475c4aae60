"""One line of `replydesk check`: what was looked at, how it is, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    OK = "ok"
    WARN = "warn"
    """It works, but somebody should know."""
    FAIL = "fail"
    """It does not work; the sentence says what to do."""


@dataclass(frozen=True, slots=True)
class Finding:
    level: Level
    about: str
    says: str

    def __str__(self) -> str:
        return f"{self.level.value:<5} {self.about:<10} {self.says}"


def ok(about: str, says: str) -> Finding:
    return Finding(Level.OK, about, says)


def warn(about: str, says: str) -> Finding:
    return Finding(Level.WARN, about, says)


def fail(about: str, says: str) -> Finding:
    return Finding(Level.FAIL, about, says)
