"""Recorded comments: one JSON object a line, of which only the `text` is needed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.errors import ConfigurationError
from bot.model.text import storable

MAX_LINE_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Comment:
    line: int
    text: str
    author: str
    language: str
    """As recorded; empty when the file does not tell."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    line: int
    says: str


def comments_in(path: Path) -> Iterator[Comment | Unreadable]:
    """Every line that is not empty, in order; ConfigurationError when there is no such file."""
    try:
        with path.open("rb") as file:
            for number, raw in enumerate(file, 1):
                if raw.strip():
                    yield _comment(number, raw)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}.") from error


def _comment(line: int, raw: bytes) -> Comment | Unreadable:
    if len(raw) > MAX_LINE_BYTES:
        return Unreadable(line, "it is longer than 1 MiB and was left out.")
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError):
        return Unreadable(line, "it is not JSON and was left out.")
    if not isinstance(document, dict) or not isinstance(document.get("text"), str):
        return Unreadable(line, 'it has no "text" and was left out.')
    author, language = document.get("author"), document.get("language")
    return Comment(
        line,
        storable(document["text"]),
        storable(author) if isinstance(author, str) else "",
        language if isinstance(language, str) else "",
    )
