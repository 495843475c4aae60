"""What people and polls ask again and again costs the same however much is stored."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import pytest

from bot.cards.pages import QueueFilter
from bot.coordination.clock import SystemClock
from bot.model.ids import MemberId
from tests.benchmarks.filler import desk_at, fill
from tests.benchmarks.million import Statement, recording
from tests.fakes.desk_kit import DeskKit, desk_address, opened_desk

FEW, MANY, SAMPLE = 2_200, 4_400, 10
"""Of the few, half are done already and half quiet: more than a page or a count looks at."""
SLACK = 200
"""Steps of SQLite's machine that a deeper tree may cost."""


def steps(path: Path, statements: Sequence[Statement]) -> int:
    """How many instructions SQLite needs for them."""
    taken = 0

    def step() -> None:
        nonlocal taken
        taken += 1

    database = sqlite3.connect(path)
    database.set_progress_handler(step, 1)
    for sql, terms, _many in statements:
        database.execute(sql, terms).fetchall()
    database.close()
    return taken


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Path]:
    folder = tmp_path_factory.mktemp("filled")
    paths = [folder / f"{items}.db" for items in (FEW, MANY)]
    for path, items in zip(paths, (FEW, MANY), strict=True):
        asyncio.run(fill(path, items, SAMPLE, SystemClock().now()))
    return paths


async def asked(path: Path, question: Callable[[DeskKit], Awaitable[object]]) -> int:
    async with desk_at(path, SystemClock().now()) as kit:
        with recording() as statements:
            await question(kit)
    return steps(path, statements)


async def page(kit: DeskKit, wanted: QueueFilter) -> object:
    brand, now = (await kit.account_now()).brand_id, kit.clock.now()
    return await kit.read(lambda tx: tx.cards.page(brand, wanted, MemberId(1), now, 25, 0))


async def count(kit: DeskKit, wanted: QueueFilter) -> object:
    brand, now = (await kit.account_now()).brand_id, kit.clock.now()
    return await kit.read(lambda tx: tx.cards.count(brand, wanted, MemberId(1), now))


async def own_posts(kit: DeskKit, _wanted: QueueFilter) -> object:
    return await kit.read(lambda tx: tx.publications.own_posts(kit.account))


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        *((page, wanted) for wanted in QueueFilter),
        *((count, wanted) for wanted in QueueFilter),
        (own_posts, QueueFilter.ALL),
    ],
)
async def test_only_what_is_returned_is_looked_at(
    filled: Sequence[Path],
    question: Callable[[DeskKit, QueueFilter], Awaitable[object]],
    wanted: QueueFilter,
) -> None:
    few, many = [await asked(path, lambda kit: question(kit, wanted)) for path in filled]
    assert 0 < many <= few + SLACK


async def test_what_somebody_answers_again_is_found_however_much_they_wrote(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    address = desk_address(request, tmp_path)
    costs = []
    async with opened_desk(address) as kit:
        for many in (20, 400):
            told = [kit.incoming(f"Comment {number}") for number in range(many)]
            await kit.take(*told)
            last = await kit.id_of(told[-1].remote_id)
            with recording() as statements:
                await kit.read(lambda tx: tx.followings.of([last]))  # noqa: B023
            costs.append(steps(tmp_path / "desk.db", statements))
    assert 0 < costs[1] <= costs[0] + SLACK
