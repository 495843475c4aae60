"""Where the data lives: addresses, and engines set up for one writer and a few readers.

SQLite: a write-ahead log, every commit flushed to the disk (`synchronous=FULL`), and the write
lock taken at BEGIN, because a transaction that reads first and writes later fails at once when
another process writes in between, whatever the busy time-out is. PostgreSQL: `bot.store.postgres`.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from bot.errors import ConfigurationError
from bot.store import postgres

BUSY_SECONDS = 10.0
READERS = 4
POSTGRES_WRITERS = 2

_NETWORK_FILE_SYSTEMS = frozenset(
    "nfs nfs4 cifs smb3 smbfs afs ceph lustre fuse.sshfs fuse.glusterfs fuse.s3fs".split()
)
_MOUNTS = Path("/proc/mounts")

_EMPTY: dict[type, str] = {dict: "{}", list: "[]"}
_encode = json.JSONEncoder().encode
_encode_list = json.JSONEncoder(separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Database:
    """A parsed `DATABASE_URL`. `path` is the SQLite file, None on PostgreSQL."""

    url: URL
    path: Path | None

    @property
    def is_sqlite(self) -> bool:
        return self.path is not None

    @property
    def name(self) -> str:
        """For sentences: the file, or database, host and port; never a password."""
        if self.path is not None:
            return str(self.path)
        place = f"{self.url.host or 'localhost'}:{self.url.port or 5432}"
        return f"the PostgreSQL database {self.url.database} at {place}"


def parse(address: str) -> Database:
    """Read a `DATABASE_URL`: `sqlite:///file` or any usual spelling of PostgreSQL's.

    Raises ConfigurationError, which never repeats the address: it may hold a password.
    """
    try:
        url = make_url(address)
    except (ArgumentError, ValueError) as error:
        raise ConfigurationError(
            "DATABASE_URL cannot be read. Write sqlite:///path/to/file.db or "
            "postgresql://user:password@host/database."
        ) from error
    if url.drivername in {"postgres", "postgresql", "postgresql+psycopg"}:
        return Database(url.set(drivername="postgresql+psycopg"), None)
    if url.drivername not in {"sqlite", "sqlite+pysqlite"}:
        raise ConfigurationError(
            f"replydesk does not know the database {url.drivername}. Use sqlite:///path/to/file.db "
            "or postgresql://user:password@host/database."
        )
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise ConfigurationError(
            "A database in memory forgets everything. Name a file: sqlite:///path/to/file.db."
        )
    path = Path(url.database).expanduser().absolute()
    return Database(URL.create("sqlite", database=str(path)), path)


def writing_engine(
    database: Database, *, connections: int = 1, busy_seconds: float = BUSY_SECONDS
) -> Engine:
    """Connections that write; on SQLite a transaction holds the write lock from its start."""
    if database.is_sqlite:
        refuse_network_file_system(database)
        engine = _sqlite_engine(database, connections)
        _on_connect(engine, _writing_pragmas(busy_seconds))
        _on_begin(engine, "BEGIN IMMEDIATE")
        return engine
    return postgres.writing_engine(database.url, connections)


def reading_engine(
    database: Database, *, connections: int = READERS, busy_seconds: float = BUSY_SECONDS
) -> Engine:
    """Connections that cannot write; every transaction sees one moment of the data."""
    if database.is_sqlite:
        engine = _sqlite_engine(database, connections)
        _on_connect(engine, _reading_pragmas(busy_seconds))
        _on_begin(engine, "BEGIN")
        return engine
    return postgres.reading_engine(database.url, connections)


def refuse_network_file_system(database: Database, mounts: Path = _MOUNTS) -> None:
    """ConfigurationError when the file lies where locks and shared memory do not work."""
    if database.path is None or not mounts.exists():
        return
    kind = _file_system_of(database.path.resolve(), mounts.read_text(encoding="utf-8"))
    if kind in _NETWORK_FILE_SYSTEMS:
        raise ConfigurationError(
            f"{database.path} is on a network file system ({kind}), where SQLite loses data. "
            "Put the file on a local disk, or use PostgreSQL."
        )


def _file_system_of(path: Path, mounts: str) -> str:
    found = (0, "")
    for line in mounts.splitlines():
        fields = line.split()
        if len(fields) < 3:
            continue
        # the kernel writes a space in a name as \040
        point = fields[1].replace("\\040", " ")
        if path.is_relative_to(point):
            found = max(found, (len(point), fields[2]))
    return found[1]


def _sqlite_engine(database: Database, connections: int) -> Engine:
    return create_engine(
        database.url,
        poolclass=QueuePool,
        pool_size=connections,
        max_overflow=0,
        hide_parameters=True,
        json_serializer=_to_json,
        connect_args={"check_same_thread": False, "cached_statements": 256},
    )


def _to_json(value: object) -> str:
    """A list, as a triage is, without blanks; the rest as `json.dumps` spells it.

    The facts of the audit are verified by their spelling, so that one never changes.
    """
    if not value and type(value) in _EMPTY:
        return _EMPTY[type(value)]
    return _encode_list(value) if isinstance(value, list) else _encode(value)


def _writing_pragmas(busy_seconds: float) -> tuple[str, ...]:
    return (
        f"PRAGMA busy_timeout = {round(busy_seconds * 1000)}",
        # before the first page is written, else it takes a VACUUM to change
        "PRAGMA auto_vacuum = INCREMENTAL",
        "PRAGMA journal_mode = WAL",
        "PRAGMA synchronous = FULL",
        # macOS keeps flushed pages in the drive unless asked; elsewhere this does nothing
        "PRAGMA fullfsync = ON",
        "PRAGMA foreign_keys = ON",
        "PRAGMA cache_size = -8000",
        "PRAGMA mmap_size = 0",
        "PRAGMA temp_store = MEMORY",
        "PRAGMA journal_size_limit = 67108864",
    )


def _reading_pragmas(busy_seconds: float) -> tuple[str, ...]:
    return (
        f"PRAGMA busy_timeout = {round(busy_seconds * 1000)}",
        "PRAGMA query_only = ON",
        "PRAGMA cache_size = -2000",
        "PRAGMA mmap_size = 0",
        "PRAGMA temp_store = MEMORY",
    )


def _on_connect(engine: Engine, pragmas: tuple[str, ...]) -> None:
    def set_up(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        assert isinstance(connection, sqlite3.Connection)
        # the driver must not begin transactions of its own: ours begin in `_on_begin`
        connection.isolation_level = None
        for pragma in pragmas:
            connection.execute(pragma).fetchall()

    event.listen(engine, "connect", set_up)


def _on_begin(engine: Engine, statement: str) -> None:
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(statement)

    event.listen(engine, "begin", begin)
