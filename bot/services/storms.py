"""Storm files: one JSON object a line, the first of which says what the drill is about.

    {"drill": "Glass in the tea", "minutes": 20, "acknowledge_minutes": 5, "statement_minutes": 15,
     "banned": ["guarantee"], "statements": [{"name": "...", "language": "en", "text": "..."}]}
    {"at": 12.5, "author": "Maya", "text": "...", "followers": 300, "expects": "answer"}

`at` is in seconds; recorded comments without it come a second apart. Whatever else a line holds is
left alone, so what `replydesk replay` reads is a storm too, once a first line stands above it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from bot.errors import ConfigurationError
from bot.model.drill import Expects, Storm, StormLine, Words
from bot.model.ids import MINUTE, SECOND
from bot.model.text import storable

MOST_LINES = 10_000
MOST_MINUTES = 24 * 60
T = TypeVar("T")


def read_storm(lines: Iterable[str], name: str) -> Storm:
    """ConfigurationError with the number of the line that is wrong; `name` is that of the file."""
    rows = list(_rows(lines, name))
    if len(rows) < 2:
        raise ConfigurationError(f"{name} has no storm: a first line, and comments below it.")
    number, head = rows[0]
    reader = _Reader(f"{name}, line {number}", head)
    says: list[StormLine] = []
    for number, row in rows[1 : MOST_LINES + 1]:
        says.append(_line(_Reader(f"{name}, line {number}", row), len(says)))
    lines_ = tuple(sorted(says, key=lambda one: one.at))
    shortest = lines_[-1].at // MINUTE + 1
    return Storm(
        name=storable(reader.text("drill"))[:80],
        lasts=round(reader.number("minutes", shortest, least=0.1, most=MOST_MINUTES) * MINUTE),
        acknowledge_within=_minutes(reader, "acknowledge_minutes", 5),
        statement_within=_minutes(reader, "statement_minutes", 15),
        banned=tuple(one.strip() for one in reader.many("banned", str) if one.strip()),
        statements=tuple(_words(reader, one) for one in reader.many("statements", dict)),
        lines=lines_,
    )


def _rows(lines: Iterable[str], name: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise ConfigurationError(f"{name}, line {number}: it is not JSON.") from error
        if not isinstance(row, dict):
            raise ConfigurationError(f"{name}, line {number}: it is no JSON object.")
        yield number, row


def _minutes(reader: _Reader, key: str, usual: float) -> int:
    return round(reader.number(key, usual, least=0.01, most=MOST_MINUTES) * MINUTE)


def _line(reader: _Reader, place: int) -> StormLine:
    said = reader.word("expects", Expects.ANYTHING.value)
    if said not in set(Expects):
        choices = ", ".join(Expects)
        raise reader.wrong(f'"expects" is {said!r}. Write one of: {choices}.')
    return StormLine(
        at=round(reader.number("at", place, least=0, most=MOST_MINUTES * 60) * SECOND),
        text=storable(reader.text("text")),
        author=storable(reader.word("author", ""))[:60] or "Somebody",
        followers=int(reader.number("followers", 0, least=0, most=1e9)),
        expects=Expects(said),
    )


def _words(reader: _Reader, row: Mapping[str, Any]) -> Words:
    inner = _Reader(f"{reader.where}, a statement", row)
    language = inner.text("language").lower()
    if len(language) != 2:
        raise inner.wrong('"language" has two letters, for example "en".')
    return Words(inner.text("name")[:60], language, storable(inner.text("text")))


class _Reader:
    """One object of the file, asked for what it must hold."""

    def __init__(self, where: str, row: Mapping[str, Any]) -> None:
        self.where = where
        self._row = row

    def wrong(self, says: str) -> ConfigurationError:
        return ConfigurationError(f"{self.where}: {says}")

    def text(self, key: str) -> str:
        found = self.word(key, "").strip()
        if not found:
            raise self.wrong(f'it has no "{key}".')
        return found

    def word(self, key: str, usual: str) -> str:
        found = self._row.get(key, usual)
        if not isinstance(found, str):
            raise self.wrong(f'"{key}" is no text.')
        return found

    def number(self, key: str, usual: float, *, least: float, most: float) -> float:
        found = self._row.get(key, usual)
        if isinstance(found, bool) or not isinstance(found, int | float):
            raise self.wrong(f'"{key}" is no number.')
        if not least <= found <= most:
            raise self.wrong(f'"{key}" is {found}; it must be from {least:g} to {most:g}.')
        return found

    def many(self, key: str, kind: type[T]) -> list[T]:
        found = self._row.get(key, [])
        if not isinstance(found, list) or not all(isinstance(one, kind) for one in found):
            raise self.wrong(f'"{key}" is no list of what it should hold.')
        return found
