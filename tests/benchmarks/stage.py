"""What every benchmark stands on: databases, a desk under test, and its floor beside it."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.coordination.clock import SystemClock
from bot.model.account import AccountState
from bot.store import migrate
from bot.store.store import open_store
from bot.store.tx import Tx
from tests.benchmarks.outside import Outside, outside
from tests.e2e.process import HOOK, HOOK_SECRET, ROOT, DeskHome, surroundings
from tests.services import DURABLE, find_postgres, running_postgres

FULL = os.environ.get("BENCH_FULL") == "1"
"""Whether there is time for an hour, not only for a quarter of one."""
SQLITE = "sqlite"
POSTGRES = "postgres"
HOOK_PATH = f"/hooks/sandbox/{HOOK}"
SECRET = HOOK_SECRET
SAID = 4_000
"""Characters of the desk's log that are shown when a benchmark breaks."""
RELAY_SECRET = "relay-secret-of-this-benchmark"
PRESSER = "mia-of-the-tool"
"""Who presses in the team's tool."""
TEAM_TOOL = """\

[[brands.members]]
slug = "mia"
name = "Mia"
role = "approver"
relay = "{presser}"

[[brands.channels]]
slug = "care"
chat = "relay"
channel = "care"

[peaks]
cards = 0
cards_under_one_post = 0
show_everything = true

[relay]
url = "{url}/cards"
secret = {{ file = "relay-secret" }}
"""


@contextmanager
def databases(kind: str, folder: Path) -> Iterator[tuple[str, str]]:
    """Two empty databases that survive a power cut: for the desk and for its floor."""
    if kind == SQLITE:
        yield f"sqlite:///{folder / 'desk.db'}", f"sqlite:///{folder / 'floor.db'}"
        return
    binaries = find_postgres()
    assert binaries is not None
    with (
        running_postgres(binaries, DURABLE) as server,
        server.database() as desk,
        server.database() as floor,
    ):
        yield desk, floor


@contextmanager
def bench_databases(kind: str) -> Iterator[tuple[str, str]]:
    """As `databases`, in a folder that is gone afterwards."""
    with (
        tempfile.TemporaryDirectory(prefix="replydesk-bench-") as folder,
        databases(kind, Path(folder)) as addresses,
    ):
        yield addresses


@dataclass(slots=True)
class Desk:
    home: DeskHome
    address: str
    process: int

    @property
    def port(self) -> int:
        return self.home.port


@dataclass(slots=True)
class Stage:
    """A desk that serves, and where its floor's database is."""

    desk: Desk
    world: Outside
    floor_address: str


@asynccontextmanager
async def desk_on(kind: str) -> AsyncIterator[Stage]:
    """`replydesk run` on a database of that kind, live, with the world around it."""
    with tempfile.TemporaryDirectory(prefix="replydesk-bench-") as name:
        folder = Path(name)
        with databases(kind, folder) as (address, floor_address):
            async with outside() as world:
                home = DeskHome(folder / "desk", network=world.url)
                home.configure(
                    poll_seconds=3600, more=TEAM_TOOL.format(url=world.url, presser=PRESSER)
                )
                (home.folder / "relay-secret").write_text(RELAY_SECRET, encoding="ascii")
                migrate.upgrade(address)
                environment = {"DATABASE_URL": address}
                async with home.open(environment=environment) as process:
                    await _ready_to_listen(address)
                    try:
                        yield Stage(Desk(home, address, process.number), world, floor_address)
                    except Exception:
                        sys.stderr.write(process.said[-SAID:])
                        raise


async def _ready_to_listen(address: str) -> None:
    """Live, and the account's name on the network is known: a hook for a stranger is only kept."""
    store = await open_store(address, SystemClock())
    try:
        while not await store.read(_all_are_named):  # noqa: ASYNC110 - another process does it
            await asyncio.sleep(0.02)
        await store.write(_go_live, None)
    finally:
        await store.close()


def _all_are_named(tx: Tx) -> bool:
    return all(account.remote_id for account in tx.accounts.all())


def _go_live(tx: Tx, commands: Sequence[None]) -> list[None]:
    for account in tx.accounts.all():
        tx.accounts.set_state(account.id, AccountState.LIVE)
    return [None] * len(commands)


@asynccontextmanager
async def floor(*words: str) -> AsyncIterator[int]:
    """A program of `tests.benchmarks.floors`; the port it serves on."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.benchmarks.floors",
        *words,
        cwd=ROOT,
        env=surroundings(),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        yield int(await process.stdout.readline())
    finally:
        process.kill()
        await process.wait()
