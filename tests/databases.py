"""Migrated databases for tests: migrated once in a run, then copied or emptied, which is faster."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from bot.store import migrate
from bot.store.database import parse
from bot.store.schema import METADATA
from tests.services import PostgresServer

_SHARED = "shared"
_TABLES = ", ".join(f'"{table.name}"' for table in METADATA.sorted_tables)
_KNOWN = ", ".join(f"'{name}'" for name in ["alembic_version", *METADATA.tables])
# What a test left is deleted row by row: a TRUNCATE makes new files for every table and index,
# which takes longer than most tests. The lock waits for whoever still writes.
_EMPTY = f"""
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE datname = current_database() AND pid <> pg_backend_pid();
BEGIN;
LOCK TABLE {_TABLES} IN ACCESS EXCLUSIVE MODE;
SET LOCAL session_replication_role = replica;
DO $$
DECLARE one text;
BEGIN
  FOREACH one IN ARRAY string_to_array('{_TABLES}', ', ') LOOP
    IF pg_relation_size(one::regclass) > 262144 THEN
      EXECUTE format('TRUNCATE %s CASCADE', one);
    ELSIF pg_relation_size(one::regclass) > 0 THEN
      EXECUTE format('DELETE FROM %s', one);
    END IF;
  END LOOP;
  FOR one IN SELECT tablename FROM pg_tables
    WHERE schemaname = 'public' AND tablename NOT IN ({_KNOWN}) LOOP
      EXECUTE format('DROP TABLE %I CASCADE', one);
  END LOOP;
  PERFORM setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
    FROM pg_sequences WHERE last_value IS NOT NULL;
END $$;
COMMIT
"""


def migrated_sqlite(path: Path) -> str:
    """The address of a new, migrated, empty file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_sqlite_template())
    return f"sqlite:///{path}"


def migrated_postgres(server: PostgresServer) -> str:
    """The address of the database that tests share one after the other: migrated, and emptied."""
    address = _shared_postgres(server)
    with server.connected(_SHARED) as connection:
        connection.execute(_EMPTY.encode())
    return address


def bring_to_schema(address: str) -> None:
    """As `migrate.upgrade`, but a SQLite file that is not there yet is copied."""
    path = parse(address).path
    if path is not None and not path.exists():
        migrated_sqlite(path)
    else:
        migrate.upgrade(address)


@cache
def _sqlite_template() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "desk.db"
        migrate.upgrade(f"sqlite:///{path}")
        return path.read_bytes()


@cache
def _shared_postgres(server: PostgresServer) -> str:
    with server.connected() as connection:
        connection.execute(f"CREATE DATABASE {_SHARED}".encode())
    migrate.upgrade(server.url(_SHARED))
    return server.url(_SHARED)
