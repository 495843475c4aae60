"""What a database driver's complaint means for the desk, as a sentence for a person.

SQLite tells its result code (https://www.sqlite.org/rescode.html), PostgreSQL its SQLSTATE
(https://www.postgresql.org/docs/current/errcodes-appendix.html). The texts are never read.
"""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.errors import StoreCorrupt, StoreError, StoreFull, StoreUnavailable

_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_READ_ONLY = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM})
_CONFLICTS = frozenset({"40001", "40P01"})
"""serialization_failure and deadlock_detected: PostgreSQL undid it all and asks for a repeat."""

_UNAVAILABLE_STATES = frozenset({"25006", "55P03", "57014"})
"""A standby that refuses writes, a lock that did not come, a statement that took too long."""


def explain(error: Exception, name: str) -> StoreError | None:
    """The desk's own error for `error`, or None when it is a fault of the operation.

    `name` is the file, or the server and database, without a password.
    """
    if isinstance(error, PoolTimeout):
        return StoreUnavailable(f"All connections to {name} are busy. Try again.")
    if isinstance(error, StoreError):
        return error
    driver = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(driver, sqlite3.Error):
        return _explain_sqlite(driver, name)
    if isinstance(error, DBAPIError):
        state = _state(error) or ""
        return _explain_postgres(state, name) or (_out_of_reach(error, name))
    return None


def is_conflict(error: Exception) -> bool:
    """PostgreSQL rolled the transaction back because of another one; running it again is right."""
    return isinstance(error, DBAPIError) and _state(error) in _CONFLICTS


def is_lost_connection(error: Exception) -> bool:
    return isinstance(error, DBAPIError) and error.connection_invalidated


def is_disk_failure(error: Exception) -> bool:
    """SQLite could not write or flush. At COMMIT that proves nothing: after a crash, the pages
    that did arrive may be read again as a commit (https://www.sqlite.org/wal.html).
    """
    driver = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(driver, "sqlite_errorcode", None)
    return isinstance(code, int) and code & 0xFF == sqlite3.SQLITE_IOERR


def is_write_refused(error: Exception) -> bool:
    """A reader tried to write, which is a fault of its function and not of the database."""
    if not isinstance(error, DBAPIError):
        return False
    code = getattr(error.orig, "sqlite_errorcode", None)
    return code == sqlite3.SQLITE_READONLY or _state(error) == "25006"


def _explain_sqlite(error: sqlite3.Error, name: str) -> StoreError | None:
    code = getattr(error, "sqlite_errorcode", None)
    primary = code & 0xFF if isinstance(code, int) else None
    if primary in _BUSY:
        return StoreUnavailable(
            f"{name} is locked by another program. Close what holds it (a backup, a database "
            "browser) and try again."
        )
    if primary == sqlite3.SQLITE_FULL:
        return StoreFull(
            f"There is no room left for {name}. Nothing was written; make room on the disk and "
            "try again."
        )
    if primary in _DAMAGED:
        return StoreCorrupt(
            f"{name} is damaged or is not a database. Stop replydesk, keep a copy of the file "
            "and restore a backup."
        )
    if primary in _READ_ONLY:
        return StoreUnavailable(
            f"{name} cannot be written. Give the user that runs replydesk the right to write "
            "the file and its folder."
        )
    if primary == sqlite3.SQLITE_CANTOPEN:
        return StoreUnavailable(
            f"{name} cannot be opened. See that its folder exists and may be written by the "
            "user that runs replydesk."
        )
    if primary == sqlite3.SQLITE_IOERR:
        return StoreUnavailable(
            f"The disk failed while {name} was in use. Nothing was written; look at the disk, "
            "then try again."
        )
    return None


def _explain_postgres(state: str, name: str) -> StoreError | None:
    if state == "53100":
        return StoreFull(
            f"The disk of {name} is full. Nothing was written; make room and try again."
        )
    if state in {"XX001", "XX002"}:
        return StoreCorrupt(
            f"{name} reports damaged data. Stop replydesk and restore a backup of the database."
        )
    if state.startswith("28"):
        return StoreUnavailable(
            f"{name} does not let us in. Look at the user and password in DATABASE_URL."
        )
    if state == "3D000":
        return StoreUnavailable(f"{name} does not exist. Create it, or correct DATABASE_URL.")
    if state in _UNAVAILABLE_STATES or state[:2] in {"08", "40", "53", "57"}:
        return StoreUnavailable(f"{name} is busy or being restarted. Try again in a moment.")
    return None


def _out_of_reach(error: DBAPIError, name: str) -> StoreError | None:
    # libpq gives no SQLSTATE for a connection that could not be made or that broke
    is_broken = error.connection_invalidated or _is_connection_failure(error)
    if not is_broken:
        return None
    return StoreUnavailable(
        f"{name} cannot be reached. See that the server runs and that DATABASE_URL is right."
    )


def _is_connection_failure(error: DBAPIError) -> bool:
    return type(error.orig).__name__ in {"OperationalError", "ConnectionTimeout"} and (
        _state(error) is None
    )


def _state(error: DBAPIError) -> str | None:
    state = getattr(error.orig, "sqlstate", None)
    return state if isinstance(state, str) else None
