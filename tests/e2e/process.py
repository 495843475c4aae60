"""A real replydesk process in a folder of its own: started, watched, interrupted, killed.

What it prints goes to files in that folder, so a full pipe never stops it and everything that it
said can be read when a test fails.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from bot.coordination.clock import SystemClock
from bot.services.sign_in import SignIn
from bot.store.store import open_store
from tests.databases import migrated_sqlite
from tests.services import LOOPBACK, free_port

ROOT = Path(__file__).parents[2]
START_SECONDS = 60.0
"""Far more than a start takes: the machine may be busy with something else."""
LOOK_SECONDS = 0.02
TOKEN = "sandbox-token-of-this-test"
HOOK_SECRET = "hook-secret-of-this-test"
HOOK = "acme"
REPLYDESK = (sys.executable, "-m", "bot")

# What a child may know of the environment of the test: nothing that configures a desk.
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT", "TEMP", "TMP")


class DeskProcess:
    """One `replydesk ...`; seconds are real ones."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self._process = process
        self._log = log
        self.started_at = time.monotonic()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.returncode is None

    @property
    def number(self) -> int:
        """Of the process, for the system."""
        return self._process.pid

    @property
    def age(self) -> float:
        """Seconds since it was started."""
        return time.monotonic() - self.started_at

    @property
    def said(self) -> str:
        """Everything that it printed so far, on both streams."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    async def kill(self) -> None:
        """As `kill -9`: it runs no line more."""
        if self.is_alive:
            self._process.kill()
        await self._process.wait()

    def pause(self) -> None:
        """Stop it in the middle of whatever it does, as a machine that sleeps."""
        self._process.send_signal(signal.SIGSTOP)

    def wake(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    async def interrupt(self) -> tuple[int, float]:
        """Ctrl-C: the exit code and how many seconds it took."""
        begun = time.monotonic()
        self._process.send_signal(signal.SIGINT)
        return await self.ended(), time.monotonic() - begun

    async def ended(self, seconds: float = START_SECONDS) -> int:
        """The exit code, once it ended by itself."""
        try:
            return await asyncio.wait_for(self._process.wait(), seconds)
        except TimeoutError:
            raise AssertionError(f"It did not end within {seconds} s: {self.said}") from None

    async def dies(self, seconds: float) -> bool:
        """Whether it came to its end by itself within so many seconds."""
        try:
            await asyncio.wait_for(self._process.wait(), seconds)
        except TimeoutError:
            return False
        return True

    async def ready(self, url: str) -> float:
        """Seconds from its start until it is ready."""
        async with aiohttp.ClientSession() as http:
            while True:
                assert self.is_alive, f"It ended instead of serving: {self.said}"
                assert self.age < START_SECONDS, self.said
                try:
                    async with http.get(f"{url}/readyz", timeout=_SOON) as answer:
                        if answer.status == 200:
                            return self.age
                except (aiohttp.ClientError, TimeoutError):
                    pass
                await asyncio.sleep(LOOK_SECONDS)

    async def until_it_says(self, words: str, seconds: float = START_SECONDS) -> None:
        begun = time.monotonic()
        while words not in self.said:
            assert self.is_alive, f"It ended without saying {words!r}: {self.said}"
            assert time.monotonic() - begun < seconds, f"No {words!r} in: {self.said}"
            await asyncio.sleep(LOOK_SECONDS)


_SOON = aiohttp.ClientTimeout(total=2)


@asynccontextmanager
async def running(
    folder: Path,
    *words: str,
    environment: Mapping[str, str] | None = None,
    program: Sequence[str] = REPLYDESK,
    name: str = "",
) -> AsyncIterator[DeskProcess]:
    """`replydesk WORDS` in a folder; whatever happens, it is gone at the end of the block."""
    log = folder.parent / f"{folder.name}-{name or words[0]}.log"
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            *program,
            *words,
            cwd=folder,
            env=surroundings(environment),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    desk = DeskProcess(process, log)
    try:
        yield desk
    finally:
        await desk.kill()


def report(line: str) -> None:
    """A measured time or a seed, shown with `-s` and when the test fails."""
    sys.stdout.write(f"{line}\n")


def surroundings(more: Mapping[str, str] | None = None) -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **(more or {})}


async def said_by(
    folder: Path, *words: str, environment: Mapping[str, str] | None = None
) -> tuple[int, str]:
    """Exit code and everything printed by a command that ends by itself."""
    name = f"once-{secrets.token_hex(4)}"
    async with running(folder, *words, environment=environment, name=name) as it:
        return await it.ended(START_SECONDS), it.said


@dataclass(slots=True)
class DeskHome:
    """A folder with a configuration, in which desks run one after another on one port.

    `network` is the base URL of a sandbox API that is served by somebody else.
    """

    folder: Path
    network: str = ""
    port: int = field(default_factory=free_port)
    program: Sequence[str] = REPLYDESK

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def hook(self) -> str:
        """Where the network sends its webhooks."""
        return f"{self.url}/hooks/sandbox/{HOOK}"

    @property
    def database(self) -> Path:
        return self.folder / ".replydesk" / "desk.db"

    @property
    def configuration(self) -> Path:
        return self.folder / "replydesk.toml"

    def configure(
        self,
        *,
        undo_seconds: int = 0,
        poll_seconds: int = 1,
        has_keys: bool = True,
        lease_seconds: int = 30,
        token: str = TOKEN,
        more: str = "",
    ) -> None:
        """Write the configuration; `more` is TOML for the end of the file, where the account is."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "token").write_text(token, encoding="ascii")
        (self.folder / "hook-secret").write_text(HOOK_SECRET, encoding="ascii")
        self.configuration.write_text(
            CONFIGURATION.format(
                port=self.port,
                undo_seconds=undo_seconds,
                lease_seconds=lease_seconds,
                network=self.network,
                hook=HOOK,
                poll_seconds=poll_seconds,
                has_keys=str(has_keys).lower(),
            )
            + more,
            encoding="utf-8",
        )

    def lay_database(self) -> None:
        """Put an empty, migrated database there: a start that migrates takes twice as long."""
        migrated_sqlite(self.database)

    @asynccontextmanager
    async def running(
        self, *words: str, environment: Mapping[str, str] | None = None, number: int = 1
    ) -> AsyncIterator[DeskProcess]:
        """`replydesk run`, not yet ready; `number` tells equal ones apart."""
        name = "-".join(["run", *(word.strip("-") for word in words), str(number)])
        async with running(
            self.folder, "run", *words, environment=environment, program=self.program, name=name
        ) as process:
            yield process

    @asynccontextmanager
    async def open(
        self, *words: str, environment: Mapping[str, str] | None = None
    ) -> AsyncIterator[DeskProcess]:
        """`replydesk run`, ready."""
        async with self.running(*words, environment=environment) as process:
            await process.ready(self.url)
            yield process

    async def sign_in_link(self, member: str, address: str = "") -> str:
        """As `printed_link`, without waiting for a process to start."""
        store = await open_store(address or f"sqlite:///{self.database}", SystemClock())
        try:
            token = await SignIn(store, SystemClock()).issue(member)
        finally:
            await store.close()
        return f"{self.url}/sign-in?token={token}"

    async def printed_link(self, member: str, environment: Mapping[str, str] | None = None) -> str:
        """What `replydesk console-token MEMBER` prints."""
        code, said = await said_by(self.folder, "console-token", member, environment=environment)
        assert code == 0, said
        return said.split()[0]


CONFIGURATION = """\
[desk]
port = {port}
undo_seconds = {undo_seconds}
answer_seconds = 1
lease_seconds = {lease_seconds}

[[brands]]
slug = "acme"
name = "Acme Tea"
languages = ["en"]

[[brands.members]]
slug = "olga"
name = "Olga"
role = "agent"

[[brands.members]]
slug = "bob"
name = "Bob"
role = "approver"

[[brands.members]]
slug = "alice"
name = "Alice"
role = "admin"

[[brands.accounts]]
slug = "acme"
network = "sandbox"
hook = "{hook}"
base_url = "{network}"
token = {{ file = "token" }}
hook_secret = {{ file = "hook-secret" }}
has_idempotency_keys = {has_keys}
poll_seconds = {poll_seconds}
timeout_seconds = 2
"""
