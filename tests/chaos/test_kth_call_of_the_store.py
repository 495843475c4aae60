"""Every statement fails once, in three ways: nothing is lost, doubled, or published unapproved."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from bot.services.audit_book import verify_store
from tests.chaos.kth_chapters import CHAPTERS, InMemory
from tests.chaos.kth_desk import at_work
from tests.chaos.kth_extent import IS_WHOLE, every_k
from tests.chaos.kth_statements import Way
from tests.chaos.kth_story import Chapter, Tale
from tests.chaos.kth_verdict import Book, judged
from tests.fakes.desk_kit import DeskClock, desk_address

AFTERWARDS = 40.0
"""Seconds of the desk's time, more than a lease: whoever was forgotten in one comes back now."""
SAMPLED = {Way.BEFORE: 25, Way.LOCKED: 25, Way.COMMIT_LOST: 4}
"""On PostgreSQL one k of so many is tried, unless the run is a full one: there are far fewer
commits than statements."""

ON_SQLITE = {Way.BEFORE: 15, Way.LOCKED: 15, Way.COMMIT_LOST: 5}
"""The same by `make test-servers`; `make test-slow` tries every k there."""

in_every_way = pytest.mark.parametrize("way", Way, ids=lambda way: way.name.lower())
in_every_chapter = pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda told: told.__name__)


@pytest.mark.sampled
@in_every_way
@in_every_chapter
async def test_whichever_statement_fails_the_desk_comes_to_the_same_rest(
    request: pytest.FixtureRequest, tmp_path: Path, chapter: Chapter[InMemory], way: Way
) -> None:
    step = 1 if IS_WHOLE else ON_SQLITE[way]
    await _told_again_and_again(desk_address(request, tmp_path), chapter, way, every_k(step))


@pytest.mark.slow
@pytest.mark.postgres
@in_every_way
@in_every_chapter
async def test_on_postgres_too(
    request: pytest.FixtureRequest, tmp_path: Path, chapter: Chapter[InMemory], way: Way
) -> None:
    address = desk_address(request, tmp_path, "postgres")
    await _told_again_and_again(address, chapter, way, every_k(SAMPLED[way]))


async def _told_again_and_again(
    address: str, chapter: Chapter[InMemory], way: Way, numbers: Iterable[int]
) -> None:
    """Until a tale in which nothing fails: one desk lives through all of them."""
    clock, book, failed = DeskClock(), Book(), 0
    outside = InMemory(clock)
    async with at_work(address, clock, outside.around) as desk:
        statements = desk.statements
        await desk.time.pass_by(AFTERWARDS)
        for k in numbers:
            statements.choose(way, k)
            try:
                await chapter(Tale(desk, outside, book, k, statements.arm, statements.disarm))
            except AssertionError as error:
                error.add_note(f"k = {k}, failed {way}: {statements.struck}")
                raise
            if not statements.struck:
                break
            failed += 1
        assert failed, "no statement failed: nothing was tested"
        await desk.time.pass_by(AFTERWARDS)
        book.judged = 0
        await judged(desk, outside, book)
        verdict = await verify_store(desk.store)
        assert verdict.is_sound, verdict.says
