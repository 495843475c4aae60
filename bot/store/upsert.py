"""INSERT ... ON CONFLICT, written once for both databases.

SQLAlchemy has it in each dialect's own `insert`; both have the same methods. An `Upsert` is a
constant of a repository's module that keeps a `Statement` for each dialect it was run on. The
dialect is looked up by its name then, as SQLAlchemy does when it makes an engine: PostgreSQL's
takes 40 ms to import and 2 MiB of memory, which a desk on SQLite does not pay.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Generic

from sqlalchemy import Table
from sqlalchemy.dialects import sqlite

from bot.store.statement import C_co, Statement


class Upsert(Generic[C_co]):
    """`write` is given an INSERT into `table` and says what happens on a conflict."""

    __slots__ = ("_statements", "_table", "_write")

    def __init__(self, table: Table, write: Callable[[sqlite.Insert], C_co]) -> None:
        self._table = table
        self._write = write
        self._statements: dict[str, Statement[C_co]] = {}

    def __getitem__(self, dialect: str) -> Statement[C_co]:
        """The statement for a dialect of this name."""
        statement = self._statements.get(dialect)
        if statement is None:
            core = self._write(_insert_of(dialect, self._table))
            statement = self._statements[dialect] = Statement(core)
        return statement


def _insert_of(dialect: str, table: Table) -> sqlite.Insert:
    made: sqlite.Insert = import_module(f"sqlalchemy.dialects.{dialect}").insert(table)
    return made
