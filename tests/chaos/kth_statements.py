"""Lets the k-th statement that a desk gives its database fail, the way drivers let statements fail.

The engines are hooked from outside, by SQLAlchemy's own events: everything above the driver is what
runs in production. A transaction counts as its statements, its BEGIN among them, and its COMMIT.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import OperationalError


class Way(StrEnum):
    """How a statement fails."""

    BEFORE = "before it runs"
    """SQLite: the disk fails. PostgreSQL: the connection breaks."""
    LOCKED = "because somebody holds the lock"
    COMMIT_LOST = "at commit, which happened, but its answer is lost"
    """SQLite: the flush fails. PostgreSQL: the connection breaks."""

    def meets(self, is_commit: bool) -> bool:
        return is_commit if self is Way.COMMIT_LOST else not is_commit


@dataclass(slots=True)
class Statements:
    """Counts what could fail in one way; the k-th does, once. `k` 0 only counts."""

    way: Way = Way.BEFORE
    k: int = 0
    counted: int = 0
    struck: str = ""
    """What failed, for whoever reads a report."""
    is_armed: bool = False

    def choose(self, way: Way, k: int) -> None:
        """What fails next, once it is armed."""
        self.way, self.k, self.counted, self.struck, self.is_armed = way, k, 0, "", False

    def arm(self) -> None:
        self.is_armed = True

    def disarm(self) -> None:
        self.is_armed = False

    def watch(self, engine: Engine) -> None:
        event.listen(engine, "before_cursor_execute", self._execute)
        event.listen(engine, "commit", self._commit)

    def _execute(
        self,
        connection: Connection,
        _cursor: Any,
        statement: str,
        _parameters: Any,
        _context: Any,
        _many: bool,
    ) -> None:
        if self._is_its_turn(statement, is_commit=False):
            _fail(connection.connection.dbapi_connection, is_locked=self.way is Way.LOCKED)

    def _commit(self, connection: Connection) -> None:
        if self._is_its_turn("COMMIT", is_commit=True):
            driver: Any = connection.connection.dbapi_connection
            driver.commit()
            _lose_answer(driver)

    def _is_its_turn(self, statement: str, *, is_commit: bool) -> bool:
        # writer and readers are threads of their own: never two of them here in one moment that
        # matters, for a desk under this test does one thing after the other
        if not self.is_armed or not self.way.meets(is_commit):
            return False
        self.counted += 1
        if self.counted != self.k:
            return False
        self.struck = " ".join(statement.split())[:160]
        return True


def _fail(driver: Any, *, is_locked: bool) -> None:
    """As this driver fails: SQLAlchemy's error around its own, or a connection that is gone."""
    if isinstance(driver, sqlite3.Connection):
        raise _sqlite_error(sqlite3.SQLITE_BUSY if is_locked else sqlite3.SQLITE_IOERR_READ)
    if is_locked:
        locked = psycopg.errors.LockNotAvailable("canceling statement due to lock timeout")
        raise OperationalError(None, None, locked)
    driver.close()


def _lose_answer(driver: Any) -> None:
    """After the commit: SQLite's disk fails to flush, PostgreSQL's connection breaks."""
    if isinstance(driver, sqlite3.Connection):
        raise _sqlite_error(sqlite3.SQLITE_IOERR_FSYNC)
    driver.close()


def _sqlite_error(code: int) -> OperationalError:
    failed = sqlite3.OperationalError("This was made to fail.")
    failed.sqlite_errorcode = code
    return OperationalError(None, None, failed)
