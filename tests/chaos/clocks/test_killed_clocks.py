"""Every clock strikes exactly once though `kill -9` takes the process in which it was to strike.

One process stands still at the same point of every clock, each on a desk of its own, and is killed
there; another one takes over. The chat and the network outlive both.
"""

from __future__ import annotations

import asyncio
import json
import queue
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from bot.model.ids import SECOND
from tests.chaos.clocks.child import CLAIMED, COMMITTED, FINISH, UNCOMMITTED, Scene
from tests.chaos.clocks.kept import keep_world
from tests.chaos.clocks.table import CLOCKS, opened
from tests.databases import bring_to_schema, migrated_sqlite
from tests.services import PostgresServer

PATIENCE = 120.0
"""Seconds in which a process comes to its point, however slow the machine."""
POINTS = {CLAIMED: 0, UNCOMMITTED: 0, COMMITTED: 1}
"""How often it struck before the process was killed there."""
ASK_FIRST = frozenset({"undo window", "digest", "quiet hours", "on call, a page"})
"""Their request is made before its outcome is committed."""
TELL_LATER = frozenset({"stand-in", "on call, a step", "on call, quiet hours"})
"""They write what other due rows send, and it is counted where people see it."""


class Child:
    """One process, and what it says until it ends."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def says(self, clocks: Collection[str]) -> dict[str, list[int]]:
        """What it says of each of them."""
        said: dict[str, list[int]] = {}
        while said.keys() != set(clocks):
            line = self._lines.get(timeout=PATIENCE)
            assert line is not None, f"it ended without {set(clocks) - said.keys()}"
            clock, *numbers = json.loads(line)
            said[clock] = numbers
        return said


@contextmanager
def child(scenes: Sequence[Scene], when: str) -> Iterator[Child]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.chaos.clocks.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        told = {"when": when, "scenes": [scene.as_json() for scene in scenes]}
        process.stdin.write(json.dumps(told) + "\n")
        process.stdin.flush()
        try:
            yield Child(process)
        finally:
            process.kill()


def killed_at(scenes: Sequence[Scene], when: str) -> None:
    with child(scenes, when) as one:
        one.says([scene.clock for scene in scenes])
        one.process.kill()
        assert one.process.wait() == -signal.SIGKILL


def finished(scenes: Sequence[Scene]) -> dict[str, list[int]]:
    with child(scenes, FINISH) as heir:
        said = heir.says([scene.clock for scene in scenes])
        assert heir.process.wait(PATIENCE) == 0
    return said


async def laid(name: str, address: str, folder: Path) -> Scene:
    """A desk on which the clock is set; `at` is when its time has come."""
    clock, world = CLOCKS[name], folder / "world"
    async with opened(address, clock.rules) as kit:
        await clock.set(kit)
        keep_world(kit, world)
        return Scene(name, address, str(world), kit.clock.now() + clock.strikes * SECOND)


@pytest.fixture(scope="module")
def laid_once(tmp_path_factory: pytest.TempPathFactory) -> list[Scene]:
    """On SQLite."""
    folder = tmp_path_factory.mktemp("clocks")

    async def lay() -> list[Scene]:
        return [
            await laid(name, migrated_sqlite(folder / name / "desk.db"), folder / name)
            for name in CLOCKS
        ]

    return asyncio.run(lay())


@pytest.fixture
def scenes(laid_once: list[Scene], tmp_path: Path) -> list[Scene]:
    """The same desks once more, for one test alone."""
    copies = []
    for one in laid_once:
        folder = tmp_path / one.clock
        shutil.copytree(Path(one.world).parent, folder)
        copies.append(
            replace(one, address=f"sqlite:///{folder / 'desk.db'}", world=str(folder / "world"))
        )
    return copies


def before(clock: str, when: str) -> int:
    """How often it struck in the process that was killed there."""
    if when == UNCOMMITTED and clock in ASK_FIRST:
        return 1
    return 0 if clock in TELL_LATER else POINTS[when]


def unlike_once(found: dict[str, list[int]]) -> dict[str, list[int]]:
    """Clocks that did not strike once in all, whenever that was."""
    return {clock: struck for clock, struck in found.items() if struck[1:] != [1, 1]}


@pytest.mark.parametrize("when", POINTS)
def test_each_clock_strikes_once_though_its_process_is_killed(
    scenes: list[Scene], when: str
) -> None:
    killed_at(scenes, when)
    assert finished(scenes) == {clock: [before(clock, when), 1, 1] for clock in CLOCKS}


@pytest.mark.slow
@pytest.mark.parametrize("number", range(1, 4))
@pytest.mark.parametrize("when", [UNCOMMITTED, COMMITTED])
def test_so_it_is_at_each_commit_of_its_task(scenes: list[Scene], when: str, number: int) -> None:
    """Also where a task has several, and asks a chat or the network between them."""
    killed_at(scenes, f"{when}:{number}")
    assert unlike_once(finished(scenes)) == {}


@pytest.mark.slow
def test_a_process_that_is_killed_again_and_again_loses_and_doubles_nothing(
    scenes: list[Scene],
) -> None:
    for when in (CLAIMED, f"{UNCOMMITTED}:1", CLAIMED):
        killed_at(scenes, when)
    assert unlike_once(finished(scenes)) == {}


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.parametrize("when", POINTS)
@pytest.mark.parametrize("share", range(4))
async def test_on_a_server_its_lease_ends_and_another_process_takes_over(
    postgres_server: PostgresServer, tmp_path: Path, when: str, share: int
) -> None:
    names = list(CLOCKS)[share::4]
    with ExitStack() as stack:
        scenes = []
        for name in names:
            address = stack.enter_context(postgres_server.database())
            bring_to_schema(address)
            (tmp_path / name).mkdir()
            scenes.append(await laid(name, address, tmp_path / name))
        killed_at(scenes, when)
        assert finished(scenes) == {clock: [before(clock, when), 1, 1] for clock in names}
