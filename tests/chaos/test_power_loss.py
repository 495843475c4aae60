"""The power goes at any moment: what was acknowledged is there, and nothing is published twice.

A real desk's writes and syncs are recorded, and its files are rebuilt as a disk may hold them at
every sync and every acknowledgement: with the writes that were not synced, without them, with the
last one torn, with any sectors of them. A desk is started on each and comes to rest.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import aiohttp
import pytest
import pytest_asyncio

from bot.coordination.clock import SystemClock
from bot.model.account import SecretRef
from bot.model.ids import RemoteId
from bot.ports import Connector
from bot.services.audit_book import verify_store
from bot.store import migrate
from bot.store.tx import Tx
from integrations.definition import Surroundings
from integrations.sandbox.connector import connect
from integrations.sandbox.server import SandboxServer
from integrations.sandbox.settings import SandboxSettings
from tests.chaos.kth_desk import Around, KthDesk, at_work
from tests.chaos.kth_extent import IS_FULL, IS_WHOLE, SEED
from tests.chaos.kth_http import NoVault
from tests.chaos.kth_verdict import work_left
from tests.chaos.power_run import Recording, recorded
from tests.chaos.power_trace import Disk, Kind, Tail
from tests.e2e.process import HOOK_SECRET, TOKEN, report
from tests.fakes.desk_kit import DeskClock

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="records system calls as Linux has them"
)
SAMPLED = 24 if IS_WHOLE else 8
"""States that are tried, unless the run is a full one."""
DATABASE = "desk.db"

State = tuple[int, Tail]
"""How many records the disk got whole, and what became of what was not synced by then."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    return await recorded(tmp_path_factory.mktemp("power"))


@pytest.mark.sampled
@pytest.mark.asyncio(loop_scope="module")
async def test_wherever_the_power_goes_what_was_acknowledged_is_there_once(
    recording: Recording, tmp_path: Path
) -> None:
    report(f"REPLYDESK_SEED={SEED}")
    chance = random.Random(SEED)
    states = _states(recording)
    tried = states if IS_FULL else sorted(chance.sample(states, min(SAMPLED, len(states))))
    report(f"{len(tried)} of {len(states)} states, {len(recording.records)} records")
    assert len(states) > 200, "hardly anything was recorded"
    for (index, tail), files in _rebuilt(recording, tried, chance):
        folder = tmp_path / f"{index}-{tail}"
        folder.mkdir()
        _lay_out(folder, files, chance)
        try:
            await _survives(folder, recording, recording.records[index].at)
        except Exception as error:
            error.add_note(f"the power went at record {index}, what was not synced is {tail}")
            raise
        shutil.rmtree(folder)


@pytest.mark.asyncio(loop_scope="module")
async def test_a_disk_that_never_syncs_is_found_out(recording: Recording, tmp_path: Path) -> None:
    """The judge can object: without its syncs the same desk loses what it acknowledged."""
    kept = [one for one in recording.records if one.kind is not Kind.SYNCED]
    lied = replace(recording, records=kept)
    last = max(index for index, one in enumerate(kept) if one.kind is Kind.SENT)
    ((_, files),) = _rebuilt(lied, [(last, Tail.LOST)], random.Random(0))
    _lay_out(tmp_path, files, random.Random(0))
    with pytest.raises(AssertionError, match="acknowledged, and not there"):
        await _survives(tmp_path, lied, kept[last].at)


def _states(recording: Recording) -> list[State]:
    """Just before each sync is done, and just when each acknowledgement leaves."""
    said = {one.at for one in recording.acknowledged}
    return [
        (index, tail)
        for index, one in enumerate(recording.records)
        if one.kind is Kind.SYNCED or one.at in said
        for tail in Tail
    ]


def _rebuilt(
    recording: Recording, states: list[State], chance: random.Random
) -> Iterator[tuple[State, dict[str, bytes]]]:
    disk, wanted = Disk(), set(states)
    for index, record in enumerate(recording.records):
        for tail in Tail:
            if (index, tail) in wanted:
                yield (index, tail), disk.after(tail, chance)
        disk.run(record)


def _lay_out(folder: Path, files: dict[str, bytes], chance: random.Random) -> None:
    """The shared memory of the index is never synced: it is gone, or anything."""
    for path, content in files.items():
        name = Path(path).name
        if name in {DATABASE, f"{DATABASE}-wal", f"{DATABASE}-journal"}:
            (folder / name).write_bytes(content)
    if chance.random() < 0.5:
        (folder / f"{DATABASE}-shm").write_bytes(chance.randbytes(32_768))


async def _survives(folder: Path, recording: Recording, at: int) -> None:
    database, network = folder / DATABASE, folder / "network.sqlite"
    if database.exists():
        with closing(sqlite3.connect(database)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    migrate.upgrade(f"sqlite:///{database}")
    shutil.copyfile(recording.network, network)
    _forget_replies(network, {one for one, sent in recording.sent.items() if sent > at})
    clock = DeskClock(SystemClock().now())
    async with (
        SandboxServer(str(network), token=TOKEN, now=clock.now) as sandbox,
        aiohttp.ClientSession() as http,
    ):
        sandbox.network.honours_keys = False
        around = Around("sandbox", _line(sandbox, http, clock), {}, ())
        async with at_work(f"sqlite:///{database}", clock, around) as desk:
            _all_there(desk, recording, at)
            await desk.time.until(lambda: not desk.look(work_left), "the desk at rest", 600)
            await desk.time.pass_by(40)
            await _published_once(desk, sandbox, recording, at)
            assert (await verify_store(desk.store)).is_sound


def _forget_replies(network: Path, comments: set[str]) -> None:
    """What had not left by then stands nowhere."""
    with closing(sqlite3.connect(network)) as connection, connection:
        for comment in comments:
            ours = "SELECT id FROM comments WHERE author = 'acme' AND parent_id = ?"
            number = (int(comment[1:]),)
            connection.execute(f"DELETE FROM changes WHERE comment_id IN ({ours})", number)
            connection.execute(f"DELETE FROM comments WHERE id IN ({ours})", number)


def _line(sandbox: SandboxServer, http: aiohttp.ClientSession, clock: DeskClock) -> Connector:
    settings = SandboxSettings(
        base_url=sandbox.url,
        token=SecretRef(env="TOKEN"),
        has_idempotency_keys=False,
        poll_seconds=30,
    )
    secrets = MappingProxyType({"token": TOKEN, "hook_secret": HOOK_SECRET})
    return connect(settings, Surroundings(http, clock, NoVault(), secrets, "acme"))


def _all_there(desk: KthDesk, recording: Recording, at: int) -> None:
    said = desk.look(_said)
    approved = desk.look(_approved)
    for one in recording.acknowledged:
        if one.at > at:
            continue
        is_there = (one.comment, one.words) in approved if one.words else one.comment in said
        assert is_there, f"{one} was acknowledged, and not there"


async def _published_once(
    desk: KthDesk, sandbox: SandboxServer, recording: Recording, at: int
) -> None:
    standing = await sandbox.visible_replies()
    approved = desk.look(_approved)
    assert standing == {comment: [words] for comment, words in approved}, standing
    pressed = {(one.comment, one.words) for one in recording.acknowledged if one.words}
    assert approved <= pressed, f"nobody approved {approved - pressed}"
    states = desk.look(_states_of_publications)
    assert states <= {"published"}, states
    assert desk.look(lambda tx: tx.due.dead_letters()) == []
    for comment in {one.comment for one in recording.acknowledged}:
        assert desk.item(RemoteId(comment)) is not None, f"{comment} never came"


def _said(tx: Tx) -> set[str]:
    return set(tx.connection.exec_driver_sql("SELECT remote_id FROM item").scalars())


def _approved(tx: Tx) -> set[tuple[str, str]]:
    query = """
        SELECT item.remote_id, publication.text FROM publication
        JOIN item ON item.id = publication.item_id
    """
    return {(comment, words) for comment, words in tx.connection.exec_driver_sql(query)}


def _states_of_publications(tx: Tx) -> set[str]:
    return set(tx.connection.exec_driver_sql("SELECT state FROM publication").scalars())
