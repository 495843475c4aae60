"""Which version of the schema the data has, and whether this code was written for it.

Revisions are numbered files of `migrations/versions`, `0001_...` and up, in a straight line; a
database remembers its own in the table `alembic_version`. Reading that takes no Alembic, so a
start that has nothing to migrate does not pay for importing it.
"""

from __future__ import annotations

import sqlite3
from importlib import resources

from sqlalchemy import inspect, text
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import SchemaMismatch
from bot.store.database import Database, parse, reading_engine
from bot.store.driver_errors import explain


def revisions() -> tuple[str, ...]:
    """All schema versions this code knows, oldest first."""
    folder = resources.files("bot.store") / "migrations" / "versions"
    names = (entry.name for entry in folder.iterdir())
    return tuple(sorted(name.split("_", 1)[0] for name in names if name.endswith(".py")))


def head() -> str:
    """The schema version this code was written for."""
    return revisions()[-1]


def current(address: str) -> str | None:
    """The version of the data at a `DATABASE_URL`; None when there is none yet."""
    return _current(parse(address))


def check(address: str) -> None:
    """SchemaMismatch, with what to do, unless the data has exactly the version of this code."""
    database = parse(address)
    found = _current(database)
    if found == head():
        return
    if found is None:
        raise SchemaMismatch(f"There is no data in {database.name} yet. Run `replydesk migrate`.")
    if found in revisions():
        raise SchemaMismatch(
            f"{database.name} was written by an older replydesk (schema {found}, this one needs "
            f"{head()}). Make a backup, then run `replydesk migrate`."
        )
    raise SchemaMismatch(
        f"{database.name} was written by a newer replydesk (schema {found}, this one knows "
        f"{head()}). Upgrade replydesk, or restore a backup made before the upgrade."
    )


def _current(database: Database) -> str | None:
    if database.path is not None and not database.path.exists():
        return None
    engine = reading_engine(database, connections=1)
    try:
        with engine.connect() as connection, connection.begin():
            if not inspect(connection).has_table("alembic_version"):
                return None
            found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
            return None if found is None else str(found)
    except (SQLAlchemyError, sqlite3.Error) as error:
        known = explain(error, database.name)
        if known is None:
            raise
        raise known from error
    finally:
        engine.dispose()
