"""Statements that look rows up by many keys of one column.

An index of two columns (account and remote id) serves them as long as the database uses both.
PostgreSQL, asked for an account and any of a hundred ids, guesses how much an account has: while
its statistics are of an empty table, and a prepared plan as old, it reads all of the account and
compares. So there the keys of a second column are looked up one by one, behind an `OFFSET 0`, which
its planner does not see through.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ARRAY, Column, Select, bindparam, func, select, true

from bot.store.among import among
from bot.store.connection import Connection
from bot.store.statement import Statement

MOST_KEYS = 400
"""Keys of one statement."""


class ByKeys:
    """`wanted`, narrowed to the rows whose `column` is one of the keys.

    `is_second`: the column is the second of an index, and `wanted` names the first.
    """

    def __init__(
        self, wanted: Select[*tuple[Any, ...]], column: Column[Any], *, is_second: bool = False
    ) -> None:
        self._of_one = Statement(wanted.where(column == bindparam("key")))
        self._of_many = Statement(wanted.where(among(column, "keys")))
        self._one_by_one = Statement(_one_by_one(wanted, column)) if is_second else self._of_many

    def rows(
        self, connection: Connection, keys: Collection[Any], terms: Mapping[str, Any]
    ) -> list[Any]:
        """All rows found; `terms` are the other parameters. No keys, no statement."""
        is_sqlite = connection.dialect.name == "sqlite"
        of_many = self._of_many if is_sqlite else self._one_by_one
        found: list[Any] = []
        for part in parts(list(keys)):
            if len(part) == 1:
                found += connection.execute(self._of_one, {**terms, "key": part[0]})
            else:
                found += connection.execute(of_many, {**terms, "keys": part})
        return found


def _one_by_one(wanted: Select[*tuple[Any, ...]], column: Column[Any]) -> Select[*tuple[Any, ...]]:
    """A look into the index for each key, for PostgreSQL."""
    listed = func.unnest(bindparam("keys", None, ARRAY(column.type), required=False))
    keys = listed.table_valued("key").render_derived(name="keys")
    found = wanted.where(column == keys.c.key).offset(0).lateral("found")
    return select(found).select_from(keys.join(found, true()))


def parts(keys: Sequence[Any]) -> Iterator[list[Any]]:
    """The keys in lists that are short enough for one statement."""
    for start in range(0, len(keys), MOST_KEYS):
        yield list(keys[start : start + MOST_KEYS])
