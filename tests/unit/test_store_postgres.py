"""What only PostgreSQL does: deadlocks, broken connections, a commit whose answer is lost."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

import pytest
from sqlalchemy import text

from bot.coordination.clock import SystemClock
from bot.errors import StoreUnavailable
from bot.store.store import open_store
from bot.store.tx import Tx
from tests.contract.store_case import execute, note, opened, prepare, stored
from tests.patience import PATIENCE

pytestmark = pytest.mark.postgres

# Kills the session that commits a note, at its COMMIT: the client never hears how it ended.
KILL_AT_COMMIT = """
    CREATE OR REPLACE FUNCTION kill_me() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(1); RETURN NULL; END $$
"""
TRIGGER = """
    CREATE CONSTRAINT TRIGGER kill AFTER INSERT ON jotting DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION kill_me()
"""


@pytest.fixture
def address(migrated_postgres_url: str) -> str:
    prepare(migrated_postgres_url)
    return migrated_postgres_url


async def test_two_writers_that_deadlock_both_arrive(address: str) -> None:
    execute(address, "INSERT INTO jotting VALUES ('a'), ('b')")
    both_hold_one = threading.Barrier(2)
    first_holds_one = threading.Event()
    met: list[str] = []

    def touch(tx: Tx, orders: Sequence[str]) -> Sequence[str]:
        for order in orders:
            for position, word in enumerate(order):
                tx.connection.execute(
                    text("UPDATE jotting SET word = word WHERE word = :word"), {"word": word}
                )
                if position == 0 and len(met) < 2:
                    met.append(order)
                    first_holds_one.set()
                    both_hold_one.wait(timeout=PATIENCE)
        return orders

    async with opened(address) as store:
        first = asyncio.create_task(store.write(touch, "ab"))
        await asyncio.to_thread(first_holds_one.wait, PATIENCE)
        assert await store.write(touch, "ba") == "ba"
        assert await first == "ab"


async def test_a_connection_that_broke_while_idle_is_replaced_unnoticed(address: str) -> None:
    async with opened(address) as store:
        await store.write(note, "one")
        execute(address, KILL_OTHERS)
        assert await store.write(note, "two") == "noted two"
        assert await store.read(_count) == 2


async def test_a_connection_that_breaks_before_the_commit_costs_one_repeat(address: str) -> None:
    runs: list[int] = []

    def break_once(tx: Tx, words: Sequence[str]) -> Sequence[str]:
        results = note(tx, words)
        runs.append(1)
        if len(runs) == 1:
            tx.connection.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")
        return results

    async with opened(address) as store:
        assert await store.write(break_once, "one") == "noted one"
    assert len(runs) == 2
    assert stored(address) == {"one"}


async def test_a_commit_whose_answer_is_lost_is_not_repeated_and_says_so(address: str) -> None:
    execute(address, KILL_AT_COMMIT, TRIGGER)
    runs: list[int] = []

    def count_runs(tx: Tx, words: Sequence[str]) -> Sequence[str]:
        runs.append(1)
        return note(tx, words)

    async with opened(address) as store:
        with pytest.raises(StoreUnavailable, match="not known whether the last change was stored"):
            await store.write(count_runs, "one")
    assert len(runs) == 1


async def test_a_server_that_is_not_there_is_named_without_the_password() -> None:
    nobody = "postgresql://desk:hunter2@127.0.0.1:1/desk"
    with pytest.raises(
        StoreUnavailable, match=r"desk at 127\.0\.0\.1:1 cannot be reached"
    ) as caught:
        await open_store(nobody, SystemClock())
    assert "hunter2" not in str(caught.value)


async def test_a_database_that_is_not_there_is_named(address: str) -> None:
    with pytest.raises(StoreUnavailable, match="absent at"):
        await open_store(address.rsplit("/", 1)[0] + "/absent", SystemClock())


async def test_every_writing_transaction_has_its_id_before_its_first_statement(
    address: str,
) -> None:
    def assigned(tx: Tx, commands: Sequence[None]) -> Sequence[bool]:
        found = tx.connection.exec_driver_sql("SELECT pg_current_xact_id_if_assigned()").scalar()
        return [found is not None] * len(commands)

    async with opened(address) as store:
        assert await store.write(assigned, None)


KILL_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def _count(tx: Tx) -> int:
    return int(tx.connection.execute(text("SELECT count(*) FROM jotting")).scalar_one())
