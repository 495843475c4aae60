"""A transaction's connection, as the repositories see it.

A `Statement` goes straight to the driver's cursor; whatever else SQLAlchemy can run goes through
SQLAlchemy. Both are the same transaction. What the driver complains of is raised as SQLAlchemy
raises it, so that `bot.store.driver_errors` need not know which way it came; and who listens to
SQLAlchemy's cursor events hears both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from types import MappingProxyType
from typing import Any, NoReturn, overload

import sqlalchemy
from sqlalchemy import CursorResult
from sqlalchemy.exc import DBAPIError, MultipleResultsFound, NoResultFound
from sqlalchemy.sql.base import Executable

from bot.store.binding import Arguments, Terms
from bot.store.statement import Core, Plan, Shape, Statement

AnyStatement = Statement[Core]
NO_TERMS: Terms = MappingProxyType({})


class Rows:
    """Everything that a statement returned, or how many rows it changed."""

    __slots__ = ("_rows", "rowcount")

    def __init__(self, rows: list[Any], rowcount: int) -> None:
        self._rows = rows
        self.rowcount = rowcount

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)

    def all(self) -> list[Any]:
        return self._rows

    def first(self) -> Any | None:
        return self._rows[0] if self._rows else None

    def one(self) -> Any:
        """The only row; raises when there is none, or more."""
        if len(self._rows) == 1:
            return self._rows[0]
        if self._rows:
            raise MultipleResultsFound("One row was asked for, and there are more.")
        raise NoResultFound("One row was asked for, and there is none.")

    def one_or_none(self) -> Any | None:
        return self.one() if self._rows else None

    def scalars(self) -> list[Any]:
        """The first value of each row."""
        return [row[0] for row in self._rows]

    def scalar(self) -> Any | None:
        return self._rows[0][0] if self._rows else None

    def scalar_one(self) -> Any:
        return self.one()[0]


class Connection:
    """`sqlalchemy` is the connection below, in a transaction that somebody else ends."""

    def __init__(self, below: sqlalchemy.Connection) -> None:
        self.below = below
        self.dialect = below.dialect
        self._cursor: Any = _cursor_of(below)

    @overload
    def execute(self, statement: AnyStatement, terms: Terms | Sequence[Terms] = ...) -> Rows: ...
    @overload
    def execute(
        self, statement: Executable, terms: Terms | Sequence[Terms] = ...
    ) -> CursorResult[*tuple[Any, ...]]: ...

    def execute(
        self, statement: AnyStatement | Executable, terms: Terms | Sequence[Terms] = NO_TERMS
    ) -> Any:
        """Run it with these terms, or once for each set of them."""
        if not isinstance(statement, Statement):
            return self.below.execute(statement, terms)
        if isinstance(terms, Mapping):
            plan = statement.plan(self.dialect, terms)
            return self._run(plan.sql, plan.binding.one(terms), plan.shape)
        plan = statement.plan(self.dialect, terms[0])
        if len(terms) == 1:  # a comment that comes alone: no pipeline for one statement
            return self._run(plan.sql, plan.binding.one(terms[0]), plan.shape)
        return self._run_many(plan, plan.binding.many(terms))

    def open_transaction(self, script: str) -> Any:
        """Run a script that begins a transaction, in one trip; the last row that it answers."""
        self._tell(script, (), many=False)
        try:
            self._cursor.execute(script)
            while self._cursor.nextset():
                pass
            return self._cursor.fetchone()
        except self.dialect.loaded_dbapi.Error as error:
            self._complain(script, error)

    def exec_driver_sql(self, sql: str) -> CursorResult[*tuple[Any, ...]]:
        return self.below.exec_driver_sql(sql)

    def _run(self, sql: str, arguments: Arguments, shape: Shape | None) -> Rows:
        self._tell(sql, arguments, many=False)
        try:
            self._cursor.execute(sql, arguments)
            if shape is None:
                return Rows([], self._cursor.rowcount)
            found = self._cursor.fetchall()
        except self.dialect.loaded_dbapi.Error as error:
            self._complain(sql, error)
        return Rows(shape(found), len(found))

    def _run_many(self, plan: Plan, arguments: Sequence[Arguments]) -> Rows:
        if plan.rows is None:
            return self._run_each(plan, arguments)
        found: list[Any] = []
        changed = 0
        for sql, joined in plan.rows.parts(arguments):
            part = self._run(sql, joined, plan.shape)
            found += part.all()
            changed += part.rowcount
        return Rows(found, changed)

    def _run_each(self, plan: Plan, arguments: Sequence[Arguments]) -> Rows:
        self._tell(plan.sql, arguments, many=True)
        try:
            if plan.shape is None:
                self._cursor.executemany(plan.sql, arguments)
                return Rows([], self._cursor.rowcount)
            found = self._returned_by_each(plan.sql, arguments)
        except self.dialect.loaded_dbapi.Error as error:
            self._complain(plan.sql, error)
        return Rows(plan.shape(found), len(found))

    def _returned_by_each(self, sql: str, arguments: Sequence[Arguments]) -> list[Any]:
        found: list[Any] = []
        if self.dialect.name == "sqlite":
            for one in arguments:
                found += self._cursor.execute(sql, one).fetchall()
            return found
        # psycopg sends them all before it waits for the first answer
        self._cursor.executemany(sql, arguments, returning=True)
        for result in self._cursor.results():
            found += result.fetchall()
        return found

    def _tell(self, sql: str, arguments: Any, *, many: bool) -> None:
        """Listeners get what SQLAlchemy would tell them, without a context."""
        for listen in self.below.dispatch.before_cursor_execute:
            listen(self.below, self._cursor, sql, arguments, None, many)

    def _complain(self, sql: str, error: Any) -> NoReturn:
        below: Any = self.below.connection
        is_lost = self.dialect.is_disconnect(error, below, self._cursor)
        if is_lost:
            self.below.invalidate(error)
        raise DBAPIError.instance(
            sql,
            None,
            error,
            self.dialect.loaded_dbapi.Error,
            hide_parameters=True,
            connection_invalidated=is_lost,
            dialect=self.dialect,
        ) from error


def _cursor_of(below: sqlalchemy.Connection) -> Any:
    """The driver's own; of PostgreSQL's the one that takes SQL as the server does."""
    if below.dialect.name == "sqlite":
        return below.connection.cursor()
    return import_module("psycopg").RawCursor(below.connection.driver_connection)
