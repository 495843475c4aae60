"""The processes of one run, and their end.

Every process leads a process group of its own, so that what it forks (PHP's workers, PostgreSQL's
backends) is ended with it. `setpriv --pdeathsig` ends it also when this program is killed and can
no longer clean up. The run's folder lies in the system's temporary folder, not in the cache: a
database that refuses to run as root must be able to reach it, and root's home is closed to others.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

PREFIX = "replydesk-peers-"
SECONDS_TO_END = 10.0
LOOK_EVERY_SECONDS = 0.05
LOG_SHOWN_ON_FAILURE = 4000


class ProcessEnded(Exception):
    """A process ended, or did not become ready in time; the text ends with its log."""


@dataclass(frozen=True, slots=True)
class Running:
    name: str
    process: subprocess.Popen[bytes]
    log: Path
    stop_signal: signal.Signals

    def failure(self, what: str) -> ProcessEnded:
        log = self.log.read_text(encoding="utf-8", errors="replace")[-LOG_SHOWN_ON_FAILURE:]
        return ProcessEnded(f"{self.name} {what}. Its log ends with:\n{log}")


class ProcessTree:
    """Starts processes in `folder`; leaving the context ends them all, last started first."""

    def __init__(self) -> None:
        _sweep_abandoned_folders()
        self.folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
        self.folder.chmod(0o711)
        self._running: list[Running] = []

    def __enter__(self) -> "ProcessTree":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for running in reversed(self._running):
            _end(running)
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        folder: Path | None = None,
        environment: Mapping[str, str] | None = None,
        account: str | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> Running:
        """Start `command`, as the system account `account` where one is named."""
        log = self.folder / f"{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*as_account(account, stop_signal), *map(str, command)],
                cwd=folder or self.folder,
                env={**os.environ, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        running = Running(name, process, log, stop_signal)
        self._running.append(running)
        return running

    def wait_until(self, running: Running, ready: Callable[[], bool], seconds: float) -> None:
        """Return once `ready()`; ProcessEnded when the process ends first or time runs out."""
        deadline = time.monotonic() + seconds
        while not ready():
            if running.process.poll() is not None:
                raise running.failure(f"ended with {running.process.returncode}")
            if time.monotonic() > deadline:
                raise running.failure(f"was not ready after {seconds:.0f} s")
            time.sleep(LOOK_EVERY_SECONDS)

    def check_alive(self) -> None:
        """Raise ProcessEnded when a process has ended by itself."""
        for running in self._running:
            if running.process.poll() is not None:
                raise running.failure(f"ended with {running.process.returncode}")


def as_account(account: str | None, death_signal: signal.Signals = signal.SIGTERM) -> list[str]:
    """The words before a command that tie its life to ours and give it a system account."""
    words = ["setpriv", "--pdeathsig", death_signal.name.removeprefix("SIG")]
    if account:
        entry = pwd.getpwnam(account)
        words += ["--reuid", str(entry.pw_uid), "--regid", str(entry.pw_gid), "--clear-groups"]
    return [*words, "--"]


def free_port() -> int:
    """A port nobody listens on now, on any address."""
    with socket.socket() as probe:
        probe.bind(("", 0))
        port: int = probe.getsockname()[1]
        return port


def accepts_connections(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def _end(running: Running) -> None:
    _signal_group(running, running.stop_signal)
    try:
        running.process.wait(SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        pass
    finally:
        # Also the forks of a process that ended without them.
        _signal_group(running, signal.SIGKILL)
        running.process.wait()


def _signal_group(running: Running, number: signal.Signals) -> None:
    try:
        os.killpg(running.process.pid, number)
    except ProcessLookupError:
        return


def _sweep_abandoned_folders() -> None:
    """Remove the folders of runs that were killed before they could, and what still runs there.

    PHP's workers do not die with the process that the kernel ended on our behalf.
    """
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*"):
        owner = folder.name.removeprefix(PREFIX).partition("-")[0]
        if owner.isdecimal() and not Path(f"/proc/{owner}").exists():
            for left in _processes_working_in(folder):
                os.kill(left, signal.SIGKILL)
            shutil.rmtree(folder, ignore_errors=True)


def _processes_working_in(folder: Path) -> list[int]:
    found = []
    for link in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if link.readlink().is_relative_to(folder):
                found.append(int(link.parent.name))
        except OSError:  # it has ended, or it is not ours to look at
            continue
    return found
