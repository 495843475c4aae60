"""A million stored items on SQLite: how large, how quick a statement, how quick the next comment.

The items are made by `tests.benchmarks.filler`. Hot statements are those that the desk runs while
comments come, are sorted, drafted, shown, approved and published, and while people look at the
queue, at cards and at histories: recorded from the real services on this database, then run again
through the bare driver on a copy of it, each timed with all of its rows. Unless there is time
(FULL=1) a tenth of a million is stored: the size is told for a million, the rest as it is.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from bot.cards.pages import CardQuery, HistoryQuery, NumberQuery, QueueFilter
from bot.coordination.clock import SystemClock
from bot.model.due import Lane, NewDue
from bot.model.ids import CardToken
from bot.model.network import Batch
from tests.benchmarks.filler import BRAND, desk_at, fill, incoming_at, live
from tests.benchmarks.house import house_on
from tests.benchmarks.ingest import LEG, PAGE, pages_of, taken_per_second
from tests.benchmarks.latency import Numbers
from tests.benchmarks.result import Measure, percentile
from tests.benchmarks.stage import FULL
from tests.fakes.desk_kit import DeskKit

MILLION = 1_000_000
ITEMS = MILLION if FULL else MILLION // 10
SAMPLE = 200
NEWEST = 10**12
"""Numbers from here on no stored comment has."""
LIVES = 25
"""Comments that live through everything while statements are recorded."""
HOT = 20
"""A statement that ran this often is hot."""
ROUNDS = 5
PAGES = 20
MB = 1_000_000

Statement = tuple[str, Any, bool]
"""SQL, its parameters, and whether they are many sets of them."""


async def measure() -> AsyncIterator[Measure]:
    with tempfile.TemporaryDirectory(prefix="replydesk-bench-") as name:
        folder = Path(name)
        full, empty, copy = (folder / f"{one}.db" for one in ("full", "empty", "copy"))
        begin = time.monotonic()
        await fill(full, ITEMS, SAMPLE, SystemClock().now())
        filled = time.monotonic() - begin
        yield _size(full, filled)
        shutil.copyfile(full, copy)
        yield _hot(copy, await _recorded(full))
        copy.unlink()
        yield await _ingest(full, empty)


def _size(path: Path, filled: float) -> Measure:
    size = path.stat().st_size / MB
    with sqlite3.connect(path) as database:
        (stored,) = database.execute("SELECT count(*) FROM item").fetchone()
        states = dict(database.execute("SELECT state, count(*) FROM item GROUP BY state"))
        parts = _parts(database)
    assert stored == ITEMS, f"{stored} of {ITEMS} items are stored"
    return Measure(
        "million.size",
        "size of a million stored items",
        "MB",
        "lower",
        500.0,
        400.0,
        (size * MILLION / ITEMS,),
        {"items": stored, "states": states, "fill_seconds": filled, "mb_by_part": parts},
    )


def _parts(database: sqlite3.Connection) -> Mapping[str, float]:
    """Where the space is: MB of each table and index of more than one; none where SQLite cannot."""
    try:
        found = database.execute(
            "SELECT name, sum(pgsize) FROM dbstat WHERE aggregate = TRUE GROUP BY name"
        ).fetchall()
    except sqlite3.OperationalError:
        return {}
    large = sorted(((size / MB, part) for part, size in found), reverse=True)
    return {part: round(size, 1) for size, part in large if size > 1}


# Statements


async def _recorded(path: Path) -> Sequence[Statement]:
    async with desk_at(path, SystemClock().now()) as kit:
        old = await kit.read(
            lambda tx: [row[0] for row in tx.connection.exec_driver_sql(_SOME_TOKENS)]
        )
        with recording() as statements:
            for number, token in enumerate(old, start=NEWEST):
                await _look(kit, CardToken(token), number)
                await live(kit, number)
                kit.clock.advance(1)
        return statements


_SOME_TOKENS = f"SELECT token FROM card ORDER BY substr(token, 3) LIMIT {LIVES}"


@contextmanager
def recording() -> Iterator[list[Statement]]:
    statements: list[Statement] = []

    def remember(*call: Any) -> None:
        _connection, _cursor, sql, terms, _context, many = call
        if not sql.startswith("BEGIN"):  # the copy has one transaction, which is thrown away
            statements.append((sql, terms, many))

    event.listen(Engine, "before_cursor_execute", remember)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", remember)


async def _look(kit: DeskKit, token: CardToken, number: int) -> None:
    """People look at the queue, a card, a history and a number; a poll brings what is known."""
    for wanted in QueueFilter:
        await kit.queue(wanted)
    who = kit.who("bob")
    await kit.desk.view(CardQuery(token), who)
    await kit.desk.view(HistoryQuery(token), who)
    await kit.desk.view(NumberQuery((number - NEWEST) * ITEMS // LIVES + 1), who)
    await _poll(kit, f"poll:{number}")


async def _poll(kit: DeskKit, key: str) -> None:
    """A page of what is known already."""
    seen = tuple(incoming_at(one, kit.clock.now()) for one in range(1, PAGE + 1))
    kit.network.pages.append(Batch(seen))
    arg = {"account": kit.account, "leg": LEG}
    await kit.add_due(NewDue("poll", key, Lane.POLLS, kit.clock.now(), arg))
    await kit.work(Lane.POLLS)


def _hot(path: Path, statements: Sequence[Statement]) -> Measure:
    """The median of the slowest of them, in milliseconds."""
    seconds: dict[str, list[float]] = defaultdict(list)
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("BEGIN")
    for sql, terms, many in statements:
        begin = time.perf_counter()
        if many:
            database.executemany(sql, terms)
        else:
            database.execute(sql, terms).fetchall()
        seconds[sql].append(time.perf_counter() - begin)
    database.execute("ROLLBACK")
    database.close()
    medians = sorted(
        ((percentile(took, 0.5) * 1000, sql) for sql, took in seconds.items() if len(took) >= HOT),
        reverse=True,
    )
    slowest = {_short(sql): round(median, 3) for median, sql in medians[:12]}
    return Measure(
        "million.statement",
        "hot statements over them: the median of the slowest",
        "ms",
        "lower",
        1.0,
        None,
        (medians[0][0],),
        {"hot": len(medians), "runs": len(statements), "slowest_ms": slowest},
    )


def _short(sql: str) -> str:
    words = " ".join(sql.split())
    return words if len(words) < 300 else f"{words[:60]} ... {words[-220:]}"


# Ingest


async def _ingest(full: Path, empty: Path) -> Measure:
    numbers = Numbers()
    rates: dict[Path, list[float]] = {full: [], empty: []}
    async with (
        house_on(f"sqlite:///{full}", BRAND) as old,
        house_on(f"sqlite:///{empty}", BRAND) as new,
    ):
        for round_ in range(ROUNDS + 1):
            for path, house in ((full, old), (empty, new)):
                pages = pages_of(numbers, PAGES if round_ else 4)
                rate = await taken_per_second(house, pages)
                if round_:  # the first one compiles the statements
                    rates[path].append(rate)
    return Measure(
        "million.ingest",
        "seconds of ingest over them, against an empty store",
        "ratio",
        "lower",
        1.15,
        1.05,
        tuple(few / many for many, few in zip(rates[full], rates[empty], strict=True)),
        {"full_per_second": rates[full], "empty_per_second": rates[empty]},
    )
