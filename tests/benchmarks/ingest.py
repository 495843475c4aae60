"""Comments a second taken in from polls, pages of 100, against batched inserts of the same.

The real work loop claims the poll, the real task asks a network in memory, and page, cursor and
all that must happen next are one commit. The floor writes the same comments into one table with a
unique key: no authors, no threads, no cards, no due rows; one durable commit a page.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Sequence

import psycopg
from sqlalchemy import func, select

from bot.coordination.limits import MemoryLimiter
from bot.model.due import NEVER_DEAD, DueRow, Lane, NewDue
from bot.model.ids import HOUR
from bot.model.network import Batch, Cursor, IncomingItem, Leg
from bot.services.lines import Lines
from bot.store.schema import item
from bot.store.tx import Tx
from bot.workers.loop import CONCURRENCY
from bot.workers.poll import PollTask
from integrations.sandbox.reading import read_comment
from tests.benchmarks.house import House, house_on
from tests.benchmarks.latency import Numbers
from tests.benchmarks.outside import comment, text_of
from tests.benchmarks.result import Measure
from tests.benchmarks.stage import POSTGRES, SQLITE, bench_databases
from tests.fakes.network import FakeNetwork

ROUNDS = 3
PAGES = 40
PAGE = 100
LEG = Leg("comments")
BOUNDS = {SQLITE: (0.3, 0.4), POSTGRES: (0.08, 0.12)}

Page = tuple[IncomingItem, ...]

CREATE = (
    "CREATE TABLE comment (remote_id TEXT PRIMARY KEY, parent TEXT, thread TEXT, title TEXT, "
    "author TEXT, handle TEXT, text TEXT, published_at BIGINT, permalink TEXT)"
)
INSERT = "INSERT INTO comment VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"


async def measure() -> AsyncIterator[Measure]:
    for kind in (SQLITE, POSTGRES):
        yield await _measure(kind)


async def _measure(kind: str) -> Measure:
    numbers, ours, floors = Numbers(), [], []
    with bench_databases(kind) as (address, floor_address):
        insert = floor(floor_address)
        async with house_on(address) as house:
            for round_ in range(ROUNDS + 1):
                pages = pages_of(numbers, PAGES if round_ else 4)
                desk = await taken_per_second(house, pages)
                least = inserted_per_second(insert, pages)
                if round_:  # the first one compiles the statements
                    ours.append(desk)
                    floors.append(least)
            missing = numbers.last - await house.store.read(_stored)
    assert not missing, f"{missing} of {numbers.last} comments are not stored"
    gate, goal = BOUNDS[kind]
    return Measure(
        f"ingest.{kind}",
        "ingest from polls, against batched inserts",
        "ratio",
        "higher",
        gate,
        goal,
        tuple(desk / least for desk, least in zip(ours, floors, strict=True)),
        {"desk_per_second": ours, "floor_per_second": floors, "missing": missing},
    )


def pages_of(numbers: Numbers, count: int) -> list[Page]:
    """So many pages of new comments, as the sandbox network tells them."""
    return [tuple(map(_incoming, numbers.take(PAGE))) for _ in range(count)]


def _incoming(number: int) -> IncomingItem:
    seen = read_comment(comment(number, text_of(number)))
    assert isinstance(seen, IncomingItem)
    return seen


async def taken_per_second(house: House, pages: Sequence[Page]) -> float:
    network = FakeNetwork(house.clock)
    last = len(pages) - 1
    network.pages.extend(
        Batch(page, Cursor(page[-1].remote_id), more=number < last)
        for number, page in enumerate(pages)
    )
    poll = PollTask(
        house.store,
        house.clock,
        Lines({house.account: network}),
        MemoryLimiter(lambda _key: None, house.clock),
    )
    done = asyncio.Event()
    end = 0.0

    async def polled(row: DueRow) -> None:
        nonlocal end
        await poll(row)
        if not network.pages:
            end = time.perf_counter()
            done.set()

    await house.store.write(_poll_now, house)
    begin = time.perf_counter()
    await house.worked({"poll": polled}, {Lane.POLLS: CONCURRENCY[Lane.POLLS]}, done)
    return sum(map(len, pages)) / (end - begin)


def _poll_now(tx: Tx, houses: Sequence[House]) -> list[None]:
    for house in houses:
        account, now = house.account, tx.now()
        arg = {"account": account, "leg": LEG}
        key = f"poll:{account}:{LEG}"
        tx.due.put(NewDue("poll", key, Lane.POLLS, now, arg, HOUR, NEVER_DEAD))
    return [None] * len(houses)


def _stored(tx: Tx) -> int:
    return int(tx.connection.execute(select(func.count()).select_from(item)).scalar_one())


Insert = Callable[[Page], None]


def inserted_per_second(insert: Insert, pages: Sequence[Page]) -> float:
    begin = time.perf_counter()
    for page in pages:
        insert(page)
    return sum(map(len, pages)) / (time.perf_counter() - begin)


def floor(address: str) -> Insert:
    """One durable commit of the bare driver for each page."""
    if address.startswith("sqlite"):
        return _sqlite_floor(address.removeprefix("sqlite:///"))
    return _postgres_floor(address.replace("+psycopg", ""))


def _sqlite_floor(path: str) -> Insert:
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute(CREATE)
    statement = INSERT.replace("%s", "?")

    def insert(page: Page) -> None:
        database.execute("BEGIN IMMEDIATE")
        database.executemany(statement, map(_columns, page))
        database.execute("COMMIT")

    return insert


def _postgres_floor(address: str) -> Insert:
    database = psycopg.connect(address, autocommit=True)
    database.execute(CREATE)

    def insert(page: Page) -> None:
        with database.transaction(), database.cursor() as cursor:
            cursor.executemany(INSERT, list(map(_columns, page)))

    return insert


def _columns(one: IncomingItem) -> tuple[object, ...]:
    thread, parent, author = one.thread_remote_id, one.parent_remote_id, one.author
    return (
        one.remote_id, parent, thread, one.thread_title, author.remote_id, author.handle, one.text,
        one.published_at, one.permalink,
    )  # fmt: skip
