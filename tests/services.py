"""Private servers for the tests: started from installed binaries, on free ports, gone afterwards.

A test that needs one asks for its fixture (tests/conftest.py). Where the binaries are missing the
test is skipped and the run ends with how to get them; with REPLYDESK_REQUIRE_SERVICES=1 it fails.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import NoReturn

import psycopg
import pytest
from psycopg import sql

from tests.patience import PATIENCE

LOOPBACK = "127.0.0.1"
START_SECONDS = PATIENCE

# PostgreSQL refuses to run as root; the first of these that exists runs it instead.
UNPRIVILEGED = ("postgres", "nobody")

# Nothing a test writes has to survive the machine, and a small server leaves memory to the rest.
POSTGRES_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "64MB",
    "max_connections": "100",
    "autovacuum": "off",
    "log_min_messages": "warning",
    "timezone": "UTC",
}
# As a careful person runs it, for whoever measures: what is committed survives a power cut.
DURABLE = {
    **POSTGRES_SETTINGS,
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "autovacuum": "on",
    "shared_buffers": "128MB",
}


@dataclass(frozen=True, slots=True)
class Service:
    """What a test may need from the machine; `remedy` is what a person types to get it."""

    name: str
    remedy: str

    @property
    def reason(self) -> str:
        return f"{MISSING} {self.name}; get it with: {self.remedy}"


MISSING = "missing service:"
POSTGRES = Service("PostgreSQL", "apt install postgresql")
REDIS = Service("Redis", "apt install redis-server")
CHROMIUM = Service("Chromium", "apt install chromium fonts-noto-color-emoji")
SPECS = Service("vendors' specifications", "REPLYDESK_SPECS=folder with the specifications")
BENCH_DATA = Service("benchmark data", "REPLYDESK_BENCH_DATA=folder with the data sets")


def lack(service: Service) -> NoReturn:
    """Skip the running test because `service` is not here, or fail it where all must be here."""
    if os.environ.get("REPLYDESK_REQUIRE_SERVICES") == "1":
        pytest.fail(service.reason, pytrace=False)
    pytest.skip(service.reason)


def free_port() -> int:
    """A loopback port that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def find_chromium() -> Path | None:
    named = os.environ.get("REPLYDESK_CHROMIUM")
    candidates = (named,) if named else ("chromium", "chromium-browser", "google-chrome")
    found = (shutil.which(candidate) for candidate in candidates)
    return next((Path(path) for path in found if path), None)


def find_postgres() -> Path | None:
    """The folder of `initdb` and `postgres`: the newest of Debian's, else what PATH names."""
    debian = sorted(
        (path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")),
        key=lambda folder: float(folder.parent.name),
    )
    if debian:
        return debian[-1]
    on_path = shutil.which("initdb")
    if on_path is None:
        return None
    folder = Path(on_path).resolve().parent
    return folder if (folder / "postgres").exists() else None


@dataclass(slots=True, eq=False)
class PostgresServer:
    """One running server; every caller of `database` gets a database of its own."""

    port: int
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def url(self, database: str) -> str:
        """The address for SQLAlchemy."""
        return f"postgresql+psycopg://postgres@{LOOPBACK}:{self.port}/{database}"

    @contextmanager
    def database(self) -> Iterator[str]:
        """Make an empty database and yield its SQLAlchemy address; drop it afterwards."""
        name = f"test_{next(self._numbers)}"
        self._execute("CREATE DATABASE {}", name)
        try:
            yield self.url(name)
        finally:
            self._execute("DROP DATABASE {} WITH (FORCE)", name)

    def answers(self) -> bool:
        try:
            with self.connected():
                return True
        except psycopg.OperationalError:
            return False

    def connected(self, database: str = "postgres") -> psycopg.Connection:
        """A connection of the test's own, which commits each statement."""
        return psycopg.connect(
            host=LOOPBACK, port=self.port, user="postgres", dbname=database, autocommit=True
        )

    def _execute(self, statement: str, database: str) -> None:
        with self.connected() as connection:
            connection.execute(sql.SQL(statement).format(sql.Identifier(database)))


@contextmanager
def running_postgres(
    binaries: Path, settings: Mapping[str, str] = POSTGRES_SETTINGS
) -> Iterator[PostgresServer]:
    """Start a server in a fresh data folder, yield it when it answers, leave nothing behind."""
    user = unprivileged_user()
    folder = Path(tempfile.mkdtemp(prefix="replydesk-postgres-"))
    try:
        if user is not None:
            shutil.chown(folder, user)
        _initialise(binaries, folder, user)
        with _process(binaries, folder, user, settings) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _initialise(binaries: Path, folder: Path, user: str | None) -> None:
    command = [
        str(binaries / "initdb"),
        f"--pgdata={folder / 'data'}",
        "--username=postgres",
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C",
        "--no-sync",
        "--no-instructions",
    ]
    made = subprocess.run(
        command, cwd=folder, user=user, capture_output=True, text=True, timeout=120, check=False
    )
    if made.returncode != 0:
        raise RuntimeError(f"initdb failed: {made.stderr}")


@contextmanager
def _process(
    binaries: Path, folder: Path, user: str | None, wanted: Mapping[str, str]
) -> Iterator[PostgresServer]:
    server = PostgresServer(free_port())
    settings = {**wanted, "port": str(server.port)}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(binaries / "postgres"), "-D", str(folder / "data"), *options],
            cwd=folder,
            user=user,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_it_answers(server, process, log)
        yield server
    finally:
        # an immediate shutdown: the data folder is thrown away
        process.send_signal(signal.SIGTERM if sys.platform == "win32" else signal.SIGQUIT)
        process.wait(timeout=START_SECONDS)


def _wait_until_it_answers(
    server: PostgresServer, process: subprocess.Popen[bytes], log: Path
) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not server.answers():
        if process.poll() is not None or time.monotonic() > deadline:
            said = log.read_text(encoding="utf-8", errors="replace")
            raise RuntimeError(f"PostgreSQL did not start: {said}")
        time.sleep(0.05)


def unprivileged_user() -> str | None:
    if sys.platform == "win32" or os.geteuid() != 0:
        return None
    known = _user_names()
    for name in UNPRIVILEGED:
        if name in known:
            return name
    raise RuntimeError(f"PostgreSQL does not run as root and none of {UNPRIVILEGED} exists.")


def _user_names() -> set[str]:
    entries = Path("/etc/passwd").read_text(encoding="utf-8").splitlines()
    return {entry.split(":", 1)[0] for entry in entries}
