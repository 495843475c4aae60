"""How many durable writes a second the store makes, beside the floor: the bare driver.

    python -m tests.benchmarks.store_writes sqlite:////tmp/bench/desk.db
    python -m tests.benchmarks.store_writes postgresql://postgres@127.0.0.1:5432/bench

The unit is a note of 300 bytes, unique by its word, and nothing else: what is measured is the
commit and the way to it. The database must be empty; run it on a quiet machine.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import count

from sqlalchemy import text

from bot.coordination.clock import SystemClock
from bot.store import migrate
from bot.store.database import parse, writing_engine
from bot.store.store import Store, open_store
from bot.store.tx import Tx

BODY = "x" * 300
INSERT = "INSERT INTO bench_note (word, body) VALUES (:word, :body)"
SECONDS = 3.0


def note(tx: Tx, words: Sequence[int]) -> Sequence[int]:
    tx.connection.execute(text(INSERT), [{"word": word, "body": BODY} for word in words])
    return words


def floor(address: str, words: Iterator[int], per_commit: int) -> float:
    """Durable rows a second of one connection of the bare driver."""
    engine = writing_engine(parse(address))
    driver = engine.raw_connection().driver_connection
    assert driver is not None
    place = "?, ?" if parse(address).is_sqlite else "%s, %s"
    statement = f"INSERT INTO bench_note (word, body) VALUES ({place})"
    cursor = driver.cursor()
    done = 0
    start = time.perf_counter()
    while time.perf_counter() - start < SECONDS:
        cursor.execute("BEGIN")
        cursor.executemany(statement, [(next(words), BODY) for _ in range(per_commit)])
        cursor.execute("COMMIT")
        done += per_commit
    elapsed = time.perf_counter() - start
    driver.close()
    return done / elapsed


async def through_the_store(store: Store, words: Iterator[int], clients: int) -> tuple[float, int]:
    """Writes a second of that many callers, each waiting for its own, and writes per commit."""
    commits: list[None] = []
    store.on_commit(lambda: commits.append(None))
    end = time.perf_counter() + SECONDS

    async def call() -> int:
        done = 0
        while time.perf_counter() < end:
            await store.write(note, next(words))
            done += 1
        return done

    start = time.perf_counter()
    done = sum(await asyncio.gather(*(call() for _ in range(clients))))
    return done / (time.perf_counter() - start), round(done / max(1, len(commits)))


async def main(address: str) -> None:
    migrate.upgrade(address)
    engine = writing_engine(parse(address))
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE bench_note (word BIGINT PRIMARY KEY, body TEXT)")
    engine.dispose()
    words = count()
    for per_commit in (1, 100):
        rate = floor(address, words, per_commit)
        print(f"bare driver, {per_commit:3} rows a commit  {rate:8.0f}/s")
    for clients in (1, 8, 64, 256):
        store = await open_store(address, SystemClock())
        rate, per_commit = await through_the_store(store, words, clients)
        await store.close()
        print(f"store, {clients:3} callers             {rate:8.0f}/s  {per_commit:4} a commit")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
