"""An INSERT of many rows in few statements, in the way that each database is quick at.

Each statement gives up the interpreter's lock, or goes to a server and is planned there. SQLite
takes VALUES of many rows. PostgreSQL would take a thousand parameters so, whose types change with
the size of their numbers, so that no such statement is ever the same and prepared: it gets one JSON
document with all rows instead, in one statement for any number of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, Protocol

from bot.store.binding import Arguments

ROWS_AT_ONCE = (64, 16, 4, 1)
"""Of SQLite's. Few sizes, so that the driver finds its prepared statements again."""
MOST_IN_A_DOCUMENT = 1_000

VALUES = " VALUES ("
_NUMBER = re.compile(r"\$(\d+)")
_IN_DOCUMENT = {"JSON": "TEXT"}
"""What is JSON already stands as a text in the document, and is read as JSON behind it."""


class ManyRows(Protocol):
    def parts(self, rows: Sequence[Arguments]) -> Iterator[tuple[str, Arguments]]:
        """Statements with their parameters that together write these rows."""
        ...


class _Values:
    """The one row of terms is repeated."""

    def __init__(self, before: str, values: str, behind: str, terms: int) -> None:
        self._before, self._values, self._behind, self._terms = before, values, behind, terms
        self._sql: dict[int, str] = {}

    def parts(self, rows: Sequence[Arguments]) -> Iterator[tuple[str, Arguments]]:
        start, terms = 0, self._terms
        for size in ROWS_AT_ONCE:
            while len(rows) - start >= size:
                part = rows[start : start + size]
                flat = chain.from_iterable(row[:terms] for row in part)
                yield self._of(size), (*flat, *part[0][terms:])
                start += size

    def _of(self, size: int) -> str:
        sql = self._sql.get(size)
        if sql is None:
            values = ", ".join([self._values] * size)
            sql = self._sql[size] = self._before + values + self._behind
        return sql


class _Document:
    """The one row of terms is read from a JSON document, whose fields are the terms' numbers."""

    def __init__(self, before: str, values: str, behind: str, types: Sequence[str]) -> None:
        self._names = [str(place) for place, _type in enumerate(types, 1)]
        columns = ", ".join(
            f'"{name}" {_IN_DOCUMENT.get(one, one)}'
            for name, one in zip(self._names, types, strict=True)
        )
        read = _NUMBER.sub(r'told."\1"', values[1:-1])
        later = _NUMBER.sub(lambda found: f"${int(found[1]) - len(types) + 1}", behind)
        rows = f"SELECT {read} FROM json_to_recordset($1::JSON) AS told({columns})"  # noqa: S608 - ours
        self._sql = before.removesuffix("VALUES ") + rows + later

    def parts(self, rows: Sequence[Arguments]) -> Iterator[tuple[str, Arguments]]:
        for start in range(0, len(rows), MOST_IN_A_DOCUMENT):
            part = rows[start : start + MOST_IN_A_DOCUMENT]
            told = [dict(zip(self._names, row, strict=False)) for row in part]
            document = json.dumps(told, ensure_ascii=False, default=_as_text)
            yield self._sql, (document, *part[0][len(self._names) :])


def _as_text(wrapped: Any) -> str:
    """What the driver would be handed in a wrapper of its own: JSON, or bytes."""
    inner = getattr(wrapped, "obj", wrapped)
    is_bytes = isinstance(inner, (bytes, bytearray, memoryview))
    return "\\x" + bytes(inner).hex() if is_bytes else json.dumps(inner)


def many_rows(
    sql: str, asked: Sequence[str], names: Sequence[str], types: Sequence[str]
) -> ManyRows | None:
    """None when something behind the VALUES differs from row to row.

    `types` are those of `asked`, as the database spells them.
    """
    before, values, behind = _split(sql)
    terms = values.count("?") or len(set(_NUMBER.findall(values)))
    if not values or not set(names).isdisjoint(asked[terms:]):
        return None
    if "$" in sql:
        return _Document(before, values, behind, types[:terms])
    return _Values(before, values, behind, terms)


def _split(sql: str) -> tuple[str, str, str]:
    """An INSERT before, in and behind the one row of its terms, which hold no literals."""
    start = sql.find(VALUES)
    if start < 0:
        return sql, "", ""
    end = start = start + len(VALUES) - 1
    depth = 0
    while depth or end == start:
        depth += (sql[end] == "(") - (sql[end] == ")")
        end += 1
    return sql[:start], sql[start:end], sql[end:]
