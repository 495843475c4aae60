"""Statements that look rows up by many keys of one column."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Select, bindparam

from bot.store.among import among
from bot.store.connection import Connection
from bot.store.statement import Statement

MOST_KEYS = 400
"""Keys of one statement."""


class ByKeys:
    """`wanted`, narrowed to the rows whose `column` is one of the keys."""

    def __init__(self, wanted: Select[*tuple[Any, ...]], column: Column[Any]) -> None:
        self._of_one = Statement(wanted.where(column == bindparam("key")))
        self._of_many = Statement(wanted.where(among(column, "keys")))

    def rows(
        self, connection: Connection, keys: Collection[Any], terms: Mapping[str, Any]
    ) -> list[Any]:
        """All rows found; `terms` are the other parameters. No keys, no statement."""
        found: list[Any] = []
        for part in parts(list(keys)):
            if len(part) == 1:
                found += connection.execute(self._of_one, {**terms, "key": part[0]})
            else:
                found += connection.execute(self._of_many, {**terms, "keys": part})
        return found


def parts(keys: Sequence[Any]) -> Iterator[list[Any]]:
    """The keys in lists that are short enough for one statement."""
    for start in range(0, len(keys), MOST_KEYS):
        yield list(keys[start : start + MOST_KEYS])
