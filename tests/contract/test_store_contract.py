"""What `Store` promises, on both databases."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from bot.coordination.clock import SystemClock
from bot.errors import SchemaMismatch, StoreUnavailable
from bot.store.database import parse
from bot.store.store import Store, open_store
from bot.store.tx import Tx
from tests.contract.store_case import (
    DATABASES,
    execute,
    make_database,
    note,
    opened,
    prepare,
    remembering,
    stored,
)
from tests.patience import PATIENCE


@pytest.fixture(params=DATABASES)
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return make_database(request, tmp_path)


@pytest.fixture(params=DATABASES)
def own_address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """For a test that alters our tables."""
    return make_database(request, tmp_path, "postgres_url")


@pytest.fixture
async def store(address: str) -> AsyncIterator[Store]:
    async with opened(address) as store:
        yield store


class Gate:
    """Holds every writer inside an operation, so that what follows gathers in the queue."""

    def __init__(self, store: Store, writers: int) -> None:
        self._store = store
        self._entered = threading.Semaphore(0)
        self._open = threading.Event()
        self._writers = writers
        self._tasks: list[asyncio.Task[None]] = []

    async def close(self) -> None:
        for number in range(self._writers):
            self._tasks.append(asyncio.create_task(self._store.write(self._hold, number)))
            await asyncio.to_thread(self._entered.acquire, timeout=PATIENCE)

    async def open(self) -> None:
        self._open.set()
        await asyncio.gather(*self._tasks)

    def _hold(self, tx: Tx, numbers: Sequence[int]) -> Sequence[None]:
        self._entered.release()
        assert self._open.wait(timeout=PATIENCE)
        return [None] * len(numbers)


def gate_of(store: Store, address: str) -> Gate:
    return Gate(store, 1 if parse(address).is_sqlite else 2)


async def queued(store: Store, gate: Gate, writes: list[asyncio.Task[str]]) -> list[object]:
    """What the writes came to, after all of them had gathered behind the closed gate."""
    await asyncio.sleep(0)
    await gate.open()
    return list(await asyncio.gather(*writes, return_exceptions=True))


async def test_a_new_connection_sees_what_a_returned_write_wrote(
    store: Store, address: str
) -> None:
    assert await store.write(note, "one") == "noted one"
    assert stored(address) == {"one"}


async def test_writes_that_wait_together_share_one_call_and_one_commit(
    store: Store, address: str
) -> None:
    batches: list[list[str]] = []
    commits: list[None] = []
    operation = remembering(batches)
    gate = gate_of(store, address)
    await gate.close()
    store.on_commit(lambda: commits.append(None))
    writes = [asyncio.create_task(store.write(operation, f"w{n}")) for n in range(100)]
    results = await queued(store, gate, writes)
    assert results == [f"noted w{n}" for n in range(100)]
    assert sorted(word for batch in batches for word in batch) == sorted(
        f"w{n}" for n in range(100)
    )
    assert len(batches) <= 2
    assert len(commits) <= 4


async def test_a_poisoned_unit_fails_alone(store: Store, address: str) -> None:
    await store.write(note, "w7")
    gate = gate_of(store, address)
    await gate.close()
    writes = [asyncio.create_task(store.write(note, f"w{n}")) for n in range(20)]
    results = await queued(store, gate, writes)
    assert isinstance(results[7], IntegrityError)
    assert [r for n, r in enumerate(results) if n != 7] == [
        f"noted w{n}" for n in range(20) if n != 7
    ]
    assert stored(address) == {f"w{n}" for n in range(20)}


async def test_an_error_keeps_the_values_of_the_statement_to_itself(store: Store) -> None:
    await store.write(note, "a secret text")
    with pytest.raises(DBAPIError) as caught:
        await store.write(note, "a secret text")
    assert "a secret text" not in str(caught.value).split("DETAIL")[0]


async def test_an_operation_with_too_few_results_commits_nothing(
    store: Store, address: str
) -> None:
    def forgetful(tx: Tx, words: Sequence[str]) -> Sequence[str]:
        return note(tx, words)[1:]

    with pytest.raises(ValueError, match="shorter"):
        await store.write(forgetful, "one")
    assert stored(address) == set()


async def test_two_commands_with_one_key_never_share_a_batch(store: Store, address: str) -> None:
    batches: list[list[str]] = []
    operation = remembering(batches)
    gate = gate_of(store, address)
    await gate.close()
    writes = [
        asyncio.create_task(store.write(operation, f"{key}{n}", key=key))
        for n in range(5)
        for key in "ab"
    ]
    await queued(store, gate, writes)
    assert len(stored(address)) == 10
    for batch in batches:
        assert len({word[0] for word in batch}) == len(batch)


async def test_on_sqlite_commands_with_one_key_keep_their_order(tmp_path: Path) -> None:
    batches: list[list[str]] = []
    operation = remembering(batches)
    address = f"sqlite:///{tmp_path / 'desk.db'}"
    prepare(address)
    async with opened(address) as store:
        await asyncio.gather(*(store.write(operation, f"w{n:03}", key="k") for n in range(600)))
    assert batches == [[f"w{n:03}"] for n in range(600)]


async def test_thousands_of_concurrent_writes_all_arrive(store: Store, address: str) -> None:
    words = [f"w{n}" for n in range(5_000)]
    results = await asyncio.gather(*(store.write(note, word) for word in words))
    assert results == [f"noted {word}" for word in words]
    assert len(stored(address)) == 5_000


async def test_a_read_cannot_write(store: Store, address: str) -> None:
    with pytest.raises(DBAPIError):
        await store.read(lambda tx: note(tx, ["one"]))
    assert stored(address) == set()


async def test_a_read_sees_one_moment_while_others_write(store: Store) -> None:
    first_count_done = threading.Event()
    written = threading.Event()

    def count_twice(tx: Tx) -> tuple[int, int]:
        first = tx.connection.execute(text("SELECT count(*) FROM jotting")).scalar_one()
        first_count_done.set()
        assert written.wait(timeout=PATIENCE)
        return first, tx.connection.execute(text("SELECT count(*) FROM jotting")).scalar_one()

    reading = asyncio.create_task(store.read(count_twice))
    await asyncio.to_thread(first_count_done.wait, 10)
    await store.write(note, "one")
    written.set()
    assert await reading == (0, 0)


async def test_what_is_asked_in_one_turn_is_answered_by_one_call_at_one_moment(
    store: Store,
) -> None:
    calls: list[list[int]] = []

    def count_for(tx: Tx, askers: Sequence[int]) -> list[tuple[int, int]]:
        calls.append(list(askers))
        return [(asker, _count(tx)) for asker in askers]

    await store.write(note, "one")
    answers = await asyncio.gather(*(store.ask(count_for, asker) for asker in range(20)))
    assert answers == [(asker, 1) for asker in range(20)]
    assert calls == [list(range(20))]


async def test_a_read_that_fails_fails_alone(store: Store) -> None:
    def share(tx: Tx, by: Sequence[int]) -> list[float]:
        return [_count(tx) / one for one in by]

    await store.write(note, "one")
    asked = (store.ask(share, by) for by in (1, 2, 0, 4))
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert answers[:2] + answers[3:] == [1.0, 0.5, 0.25]
    assert isinstance(answers[2], ZeroDivisionError)


async def test_a_read_that_breaks_its_transaction_breaks_nobody_elses(store: Store) -> None:
    asked = (
        store.read(_count),
        store.read(lambda tx: note(tx, ["never"])),
        store.read(_count),
    )
    first, broken, last = await asyncio.gather(*asked, return_exceptions=True)
    assert (first, last) == (0, 0)
    assert isinstance(broken, DBAPIError)


async def test_nobody_waits_for_a_slow_read_that_was_asked_in_the_same_turn(store: Store) -> None:
    gate = threading.Event()

    def quick(tx: Tx) -> int:
        time.sleep(0.02)
        return 1

    async with asyncio.TaskGroup() as asking:
        first = asking.create_task(store.read(quick))
        slow = asking.create_task(store.ask(_wait_for, gate))
        await asyncio.wait_for(asyncio.shield(first), PATIENCE)
        assert not slow.done()
        gate.set()


async def test_a_read_does_not_wait_for_a_transaction_that_writes(
    store: Store, address: str
) -> None:
    await store.write(note, "one")
    gate = gate_of(store, address)
    await gate.close()
    count = await store.read(
        lambda tx: tx.connection.execute(text("SELECT count(*) FROM jotting")).scalar_one()
    )
    await gate.open()
    assert count == 1


async def test_no_transaction_is_open_while_its_caller_goes_on(store: Store, address: str) -> None:
    await store.write(note, "one")
    # would wait for ever, or fail as locked, if the store still held the row or the file
    execute(address, "DELETE FROM jotting")
    assert stored(address) == set()


async def test_bells_ring_after_a_commit_and_not_after_a_failure(store: Store) -> None:
    rings: list[None] = []
    store.on_commit(lambda: rings.append(None))
    await store.write(note, "one")
    assert len(rings) == 1
    with pytest.raises(IntegrityError):
        await store.write(note, "one")
    assert len(rings) == 1


async def test_what_is_no_news_rings_for_nobody_unless_news_is_committed_with_it(
    store: Store, address: str
) -> None:
    rings: list[None] = []
    store.on_commit(lambda: rings.append(None))
    await store.write(note, "quiet", is_news=False)
    assert (rings, stored(address)) == ([], {"quiet"})
    gate = gate_of(store, address)
    await gate.close()
    writes = [asyncio.create_task(store.write(note, f"w{n}", is_news=n == 3)) for n in range(5)]
    await queued(store, gate, writes)
    assert rings


async def test_a_write_that_runs_out_of_time_before_it_starts_is_not_done(
    store: Store, address: str
) -> None:
    gate = gate_of(store, address)
    await gate.close()
    with pytest.raises(StoreUnavailable, match="nothing was stored"):
        await store.write(note, "late", timeout=0.05)
    await gate.open()
    await store.write(note, "next")
    assert stored(address) == {"next"}


async def test_a_write_that_runs_out_of_time_after_it_started_says_that_it_may_be_stored(
    store: Store,
) -> None:
    release = threading.Event()

    def slow(tx: Tx, words: Sequence[str]) -> Sequence[str]:
        assert release.wait(timeout=PATIENCE)
        return note(tx, words)

    with pytest.raises(StoreUnavailable, match="may still be stored"):
        await store.write(slow, "late", timeout=0.2)
    release.set()


async def test_a_cancelled_caller_takes_back_what_was_not_started(
    store: Store, address: str
) -> None:
    gate = gate_of(store, address)
    await gate.close()
    write = asyncio.create_task(store.write(note, "never mind"))
    await asyncio.sleep(0)
    write.cancel()
    with pytest.raises(asyncio.CancelledError):
        await write
    await gate.open()
    await store.write(note, "next")
    assert stored(address) == {"next"}


async def test_closing_finishes_what_is_queued_and_refuses_what_is_new(address: str) -> None:
    async with opened(address) as store:
        writes = [asyncio.create_task(store.write(note, f"w{n}")) for n in range(1_000)]
        await asyncio.sleep(0)
        await store.close()
        await asyncio.gather(*writes)
        with pytest.raises(StoreUnavailable, match="stopping"):
            await store.write(note, "new")
    assert stored(address) == {f"w{n}" for n in range(1_000)}


def test_kill_9_loses_nothing_that_was_acknowledged(address: str) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-m", "tests.contract.store_writer_process", address],
        stdout=subprocess.PIPE,
    )
    assert writer.stdout is not None
    acknowledged = [writer.stdout.readline().decode().strip() for _ in range(400)]
    writer.kill()
    rest, _ = writer.communicate()
    acknowledged += rest.decode().split()
    assert len(set(acknowledged)) >= 400
    assert set(acknowledged) <= stored(address)


async def test_a_newer_schema_is_refused_with_what_to_do(own_address: str) -> None:
    execute(own_address, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SchemaMismatch, match=r"newer replydesk.*Upgrade replydesk"):
        await open_store(own_address, SystemClock())


async def test_a_database_that_was_never_migrated_is_refused_with_what_to_do(
    own_address: str,
) -> None:
    execute(own_address, "DROP TABLE alembic_version")
    with pytest.raises(SchemaMismatch, match="replydesk migrate"):
        await open_store(own_address, SystemClock())


def _count(tx: Tx) -> int:
    return int(tx.connection.execute(text("SELECT count(*) FROM jotting")).scalar_one())


def _wait_for(tx: Tx, gates: Sequence[threading.Event]) -> list[bool]:
    return [gate.wait(10) for gate in gates]
