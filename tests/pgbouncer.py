"""A pooler before a test's PostgreSQL: pgbouncer, which gives each transaction a server process."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.services import (
    LOOPBACK,
    START_SECONDS,
    PostgresServer,
    Service,
    free_port,
    lack,
    unprivileged_user,
)

PGBOUNCER = Service("pgbouncer", "apt install pgbouncer")
_SETTINGS = """\
[databases]
* = host={host} port={server}
[pgbouncer]
listen_addr = {host}
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {users}
pool_mode = transaction
default_pool_size = {processes}
"""


@contextmanager
def running_pgbouncer(server: PostgresServer, *, processes: int) -> Iterator[PostgresServer]:
    """The same databases behind a pooler with so many server processes for each of them."""
    binary = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if binary is None:
        lack(PGBOUNCER)
    folder = Path(tempfile.mkdtemp(prefix="replydesk-pgbouncer-"))
    user = unprivileged_user()
    try:
        if user is not None:
            shutil.chown(folder, user)
            folder.chmod(0o755)
        with _process(binary, folder, user, server.port, processes) as pooler:
            yield pooler
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _process(
    binary: str, folder: Path, user: str | None, server: int, processes: int
) -> Iterator[PostgresServer]:
    pooler = PostgresServer(free_port())
    users, settings = folder / "users", folder / "pgbouncer.ini"
    users.write_text('"postgres" ""\n', encoding="ascii")
    settings.write_text(
        _SETTINGS.format(
            host=LOOPBACK, server=server, port=pooler.port, users=users, processes=processes
        ),
        encoding="ascii",
    )
    with (folder / "log").open("wb") as output:
        process = subprocess.Popen(
            [binary, str(settings)], user=user, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        deadline = time.monotonic() + START_SECONDS
        while not pooler.answers():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"pgbouncer did not start: {(folder / 'log').read_text()}")
            time.sleep(0.05)
        yield pooler
    finally:
        process.kill()
        process.wait(timeout=START_SECONDS)
