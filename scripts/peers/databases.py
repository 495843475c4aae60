"""Private databases for one run: empty, on free ports or a socket, gone when the run ends.

They are told not to wait for the disk: nothing in them outlives the run.
"""

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

from scripts.peers.debian import postgres_programs
from scripts.peers.peer import Word, run
from scripts.peers.processes import ProcessTree, accepts_connections, as_account, free_port

SECONDS_TO_START = 30.0


def start_postgres(tree: ProcessTree) -> str:
    """Start PostgreSQL and return the URL of an empty database."""
    programs = postgres_programs()
    account = _unprivileged_account()
    data = tree.folder / "postgres"
    data.mkdir()
    if account:
        shutil.chown(data, account)
    initdb: list[Word] = [programs / "initdb", "--no-sync", "-D", data, "-U", "peer", "-A", "trust"]
    run([*as_account(account), *initdb, "-E", "UTF8", "--locale=C.UTF-8"], folder=tree.folder)
    port = free_port()
    settings = {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
    }
    words = [word for pair in settings.items() for word in ("-c", "=".join(pair))]
    running = tree.start(
        "postgres",
        [programs / "postgres", "-D", data, "-p", str(port), *words],
        account=account,
        # Its fast shutdown: SIGTERM would wait for every client to leave.
        stop_signal=signal.SIGINT,
    )
    ask: list[Word] = [programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
    tree.wait_until(running, lambda: _succeeds(ask), SECONDS_TO_START)
    return f"postgresql://peer@127.0.0.1:{port}/postgres"


def start_redis(tree: ProcessTree) -> str:
    """Start Redis without persistence and return its host:port."""
    port = free_port()
    quiet = ["--save", "", "--appendonly", "no", "--daemonize", "no"]
    running = tree.start(
        "redis", ["redis-server", "--port", str(port), "--bind", "127.0.0.1", *quiet]
    )
    tree.wait_until(running, lambda: accepts_connections(port), SECONDS_TO_START)
    return f"127.0.0.1:{port}"


def start_mariadb(tree: ProcessTree, database: str) -> Path:
    """Start MariaDB with one empty database and return its socket; root needs no password."""
    data = tree.folder / "mariadb"
    connection = tree.folder / "mariadb.sock"
    user = f"--user={pwd.getpwuid(os.geteuid()).pw_name}"
    making = ["--auth-root-authentication-method=normal", "--skip-test-db"]
    run(["mariadb-install-db", "--no-defaults", user, f"--datadir={data}", *making])
    running = tree.start(
        "mariadb",
        [
            "/usr/sbin/mariadbd",
            "--no-defaults",
            user,
            f"--datadir={data}",
            f"--socket={connection}",
            f"--pid-file={tree.folder / 'mariadb.pid'}",
            "--skip-networking",
            "--skip-log-bin",
            "--innodb-flush-log-at-trx-commit=0",
        ],
    )
    make_database = f"create database if not exists {database} character set utf8mb4"
    client: list[Word] = ["mariadb", "--no-defaults", f"--socket={connection}", "-u", "root"]
    tree.wait_until(running, lambda: _succeeds([*client, "-e", make_database]), SECONDS_TO_START)
    return connection


def _unprivileged_account() -> str | None:
    """PostgreSQL refuses to run as root; anybody else runs it as themselves."""
    if os.geteuid() != 0:
        return None
    known = {account.pw_name for account in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _succeeds(command: Sequence[Word]) -> bool:
    done = subprocess.run(command, capture_output=True, check=False, timeout=SECONDS_TO_START)
    return done.returncode == 0
