"""PostgreSQL's engines: transactions open in one trip, and statements are prepared where they may.

A trip to the server and back costs more than what most statements of ours do there. So the driver
begins no transaction of its own; BEGIN, the time limits and what is asked of the server go over in
one script, and COMMIT is the only other trip that is not a statement.

A prepared statement lives in one server process under a name that the driver chose. Behind a
pooler that gives each transaction another server process (pgbouncer in transaction mode) such a
name may mean another client's statement, so nothing may be prepared there. Each transaction asks
for the number of the process that serves it, and a connection whose process is not the one that
greeted it prepares nothing from then on: a pooler greets with a number of its own
(https://www.pgbouncer.org/features.html, `pg_backend_pid`). Nothing else is used that belongs to a
session: no settings, no LISTEN, no advisory locks of a session.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from bot.store.connection import Connection as OurConnection

CONNECT_SECONDS = 5
LOCK_MILLISECONDS = 5_000
STATEMENT_MILLISECONDS = 30_000

PREPARE_AFTER = 3
"""Times that a connection runs a statement before it is prepared."""
MOST_PREPARED = 400
"""Of one connection: more than there are statements, at some 10 KiB each."""

# The transaction id is drawn before anything else, so that every event number a transaction
# takes from the sequence is younger than its id: `bot.store.horizon` relies on it.
_WRITE = (
    "BEGIN; "
    f"SELECT set_config('lock_timeout', '{LOCK_MILLISECONDS}', true), "
    f"set_config('statement_timeout', '{STATEMENT_MILLISECONDS}', true), "
    "pg_current_xact_id(), pg_backend_pid()"
)
_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT pg_backend_pid()"


def writing_engine(url: URL, connections: int) -> Engine:
    """READ COMMITTED, with limits for locks and statements."""
    return _engine(url, connections, _WRITE)


def reading_engine(url: URL, connections: int) -> Engine:
    """Connections that cannot write; every transaction sees one moment of the data."""
    return _engine(url, connections, _READ)


def _engine(url: URL, connections: int, opening: str) -> Engine:
    arguments = {
        "autocommit": True,  # so that BEGIN is ours
        "prepare_threshold": PREPARE_AFTER,
        "application_name": "replydesk",
        "connect_timeout": CONNECT_SECONDS,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": STATEMENT_MILLISECONDS,
    }
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=connections,
        max_overflow=0,
        hide_parameters=True,
        connect_args={name: value for name, value in arguments.items() if name not in url.query},
    )
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _opens(opening))
    return engine


def _set_up(driver: Any, _entry: ConnectionPoolEntry) -> None:
    driver.prepared_max = MOST_PREPARED


def _opens(script: str) -> Callable[[Connection], None]:
    def begin(connection: Connection) -> None:
        *_, process = OurConnection(connection).open_transaction(script)
        driver: Any = connection.connection.driver_connection
        if process != driver.info.backend_pid:
            driver.prepare_threshold = None

    return begin
