"""Brings the data to the schema of this code: `replydesk migrate`, and every embedded start.

One transaction does it or does nothing. Two that start together are serialised, by SQLite's
write lock or by an advisory lock that lives as long as the transaction, and the second finds
nothing left to do.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import StoreCorrupt
from bot.store.database import Database, parse, writing_engine
from bot.store.driver_errors import explain
from bot.store.postgres import LOCK_MILLISECONDS
from bot.store.version import check, current, head, revisions

__all__ = ["check", "current", "downgrade", "head", "upgrade"]

_LOCK = 7_264_655_811
"""Any number that no other program uses for an advisory lock in this database."""


def upgrade(address: str) -> None:
    """Create or migrate the schema; does nothing when it is up to date.

    Raises SchemaMismatch when the data is newer than this code, ConfigurationError, StoreError.
    """
    database = parse(address)
    if database.path is not None:
        database.path.parent.mkdir(parents=True, exist_ok=True)
    found = current(address)
    if found == head():
        return
    if found is not None and found not in revisions():
        check(address)
    with _transaction(database) as connection:
        command.upgrade(_configuration(connection), "head")


def downgrade(address: str, revision: str) -> None:
    """Undo migrations down to `revision`, or to nothing with `base`. Loses what they added."""
    with _transaction(parse(address)) as connection:
        command.downgrade(_configuration(connection), revision)


def _configuration(connection: Connection) -> Config:
    configuration = Config()
    folder = resources.files("bot.store") / "migrations"
    # a per cent sign in a path would be read as an interpolation
    configuration.set_main_option("script_location", str(folder).replace("%", "%%"))
    configuration.set_main_option("path_separator", "os")
    configuration.attributes["connection"] = connection
    return configuration


@contextmanager
def _transaction(database: Database) -> Iterator[Connection]:
    engine = writing_engine(database)
    try:
        with engine.connect() as connection:
            if database.is_sqlite:
                _switch_off_foreign_keys(connection)
            with connection.begin():
                if not database.is_sqlite:
                    _take_turns(connection)
                yield connection
                if database.is_sqlite:
                    _check_foreign_keys(connection, database)
    except (SQLAlchemyError, sqlite3.Error) as error:
        known = explain(error, database.name)
        if known is None:
            raise
        raise known from error
    finally:
        engine.dispose()


def _take_turns(connection: Connection) -> None:
    # wait for another migration as long as it takes, but for a busy table only a few seconds:
    # whoever queues behind a waiting ALTER TABLE waits too
    connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {LOCK_MILLISECONDS}")


def _switch_off_foreign_keys(connection: Connection) -> None:
    # a batch migration drops and renames tables; inside a transaction the pragma does nothing
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    driver.execute("PRAGMA foreign_keys = OFF").close()


def _check_foreign_keys(connection: Connection, database: Database) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise StoreCorrupt(
            f"The migration of {database.name} was undone: a row of {broken[0]} points to a row "
            f"of {broken[2]} that is not there. Restore a backup, or report this."
        )


if __name__ == "__main__":
    # a process that ends gives the memory of all this back; the address may hold a password
    upgrade(sys.stdin.read())
