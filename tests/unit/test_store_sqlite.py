"""What only the SQLite file has: pragmas, locks of others, full and damaged disks."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.coordination.clock import SystemClock
from bot.errors import (
    ConfigurationError,
    SchemaMismatch,
    StoreCorrupt,
    StoreFull,
    StoreUnavailable,
)
from bot.store import database, migrate
from bot.store.store import Store, open_store
from bot.store.tx import Tx
from tests.chaos.kth_statements import Statements, Way
from tests.contract.store_case import note, opened, prepare, stored


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "desk.db"


@pytest.fixture
def address(path: Path) -> str:
    address = f"sqlite:///{path}"
    prepare(address)
    return address


@pytest.fixture
def other(path: Path, address: str) -> Iterator[sqlite3.Connection]:
    """Another program that has the file open."""
    connection = sqlite3.connect(path, isolation_level=None, timeout=0)
    yield connection
    connection.close()


def pragma(tx: Tx, names: Sequence[str]) -> list[int | str]:
    return [tx.connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names]


async def test_a_writer_flushes_every_commit_and_checks_foreign_keys(address: str) -> None:
    async with opened(address) as store:
        found = [
            await store.write(pragma, name)
            for name in ("journal_mode", "synchronous", "foreign_keys", "auto_vacuum", "mmap_size")
        ]
    assert found == ["wal", 2, 1, 2, 0]


async def test_what_is_written_is_seen_before_the_store_closes(
    address: str, other: sqlite3.Connection
) -> None:
    async with opened(address) as store:
        await store.write(note, "one")
        assert other.execute("SELECT word FROM jotting").fetchall() == [("one",)]


async def test_a_file_locked_by_another_program_is_said_in_time_and_nothing_is_stored(
    address: str, path: Path, other: sqlite3.Connection
) -> None:
    async with opened(address) as store:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="nothing was stored") as caught:
            await store.write(note, "one", timeout=0.1)
        other.execute("ROLLBACK")
        assert str(path) in str(caught.value)
        await store.write(note, "two")
    assert stored(address) == {"two"}


async def test_a_lock_that_outlasts_the_busy_time_out_is_explained(
    address: str, path: Path, other: sqlite3.Connection
) -> None:
    where = database.parse(address)
    impatient = database.writing_engine(where, busy_seconds=0.05)
    store = Store(where, SystemClock(), impatient, database.reading_engine(where), writers=1)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match="locked by another program"):
        await store.write(note, "one")
    other.execute("ROLLBACK")
    assert await store.write(note, "one") == "noted one"
    await store.close()


async def test_of_a_commit_whose_flush_failed_nobody_says_that_nothing_was_written(
    address: str,
) -> None:
    where = database.parse(address)
    writing, statements = database.writing_engine(where), Statements(Way.COMMIT_LOST, k=1)
    statements.watch(writing)
    store = Store(where, SystemClock(), writing, database.reading_engine(where), writers=1)
    statements.is_armed = True
    with pytest.raises(StoreUnavailable, match="not known whether the last change was stored"):
        await store.write(note, "one")
    await store.close()
    assert stored(address) == {"one"}


async def test_a_full_disk_is_explained_and_the_desk_goes_on_when_there_is_room(
    address: str, path: Path
) -> None:
    def allow(tx: Tx, pages: Sequence[int]) -> Sequence[int]:
        return [
            tx.connection.exec_driver_sql(f"PRAGMA max_page_count = {count}").scalar_one()
            for count in pages
        ]

    async with opened(address) as store:
        await store.write(allow, 1)
        with pytest.raises(StoreFull, match="no room left") as caught:
            await asyncio.gather(*(store.write(note, f"{n}".zfill(150)) for n in range(2_000)))
        assert str(path) in str(caught.value)
        await store.write(allow, 100_000)
        assert await store.write(note, "at last") == "noted at last"
        assert (
            await store.read(
                lambda tx: tx.connection.execute(text("PRAGMA integrity_check")).scalar()
            )
            == "ok"
        )


async def test_a_damaged_file_is_explained(address: str, path: Path) -> None:
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))
    with pytest.raises(StoreCorrupt, match=r"desk\.db is damaged.*restore a backup"):
        async with opened(address) as store:
            await store.write(note, "one")


def test_a_file_that_is_no_database_is_explained_and_left_alone(path: Path) -> None:
    path.write_text("a shopping list\n" * 100, encoding="utf-8")
    with pytest.raises(StoreCorrupt, match="is not a database"):
        migrate.upgrade(f"sqlite:///{path}")
    assert path.read_text(encoding="utf-8").startswith("a shopping list")


async def test_a_missing_file_is_not_created_by_opening_it(path: Path) -> None:
    with pytest.raises(SchemaMismatch, match="replydesk migrate"):
        await open_store(f"sqlite:///{path}", SystemClock())
    assert not path.exists()


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "fuse.sshfs"])
def test_a_network_file_system_is_refused(tmp_path: Path, kind: str) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(
        f"/dev/sda / ext4 rw 0 0\nserver:/share {tmp_path}/far\\040away {kind} rw 0 0\n",
        encoding="utf-8",
    )
    far = database.parse(f"sqlite:///{tmp_path}/far away/desk.db")
    with pytest.raises(ConfigurationError, match=f"network file system \\({kind}\\)"):
        database.refuse_network_file_system(far, mounts)
    near = database.parse(f"sqlite:///{tmp_path}/near/desk.db")
    database.refuse_network_file_system(near, mounts)
