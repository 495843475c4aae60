"""Every outside call fails once, in six ways: nothing is lost, doubled, or published unapproved."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.chaos.kth_desk import KthDesk, at_work
from tests.chaos.kth_extent import IS_WHOLE, every_k
from tests.chaos.kth_http import Counted, Kind, OverHttp, over_http
from tests.chaos.kth_story import Chapter, Tale
from tests.chaos.kth_verdict import Book, judged, parked
from tests.e2e.process import report
from tests.fakes.desk_kit import DeskClock, desk_address
from tests.fakes.lost_answer_proxy import Mode

WAYS = (
    Mode.DROP_BEFORE_FORWARD,
    Mode.DROP_AFTER_FORWARD,
    Mode.DELAY_BEYOND_TIMEOUT,
    Mode.ERROR_500,
    Mode.ERROR_500_AFTER_FORWARD,
    Mode.SLOW,
)
WORSE_NETWORKS = (
    Kind(has_keys=False),
    Kind(can_be_read_back=False),
    Kind(has_keys=False, can_be_read_back=False),
)
AFTERWARDS = 40.0
"""Seconds of the desk's time, more than a lease: whoever was forgotten in one comes back now."""
SAMPLED = 5
"""On PostgreSQL one k of so many is tried, unless the run is a full one."""
ON_SQLITE = 1 if IS_WHOLE else 3


def _name(told: Chapter[OverHttp]) -> str:
    return told.__name__


async def both_lines(tale: Tale[OverHttp]) -> None:
    """A comment by hook and by poll is answered; another, by poll alone, is not."""
    tale.arm()
    first = await tale.comment("My order never arrived, where is it?")
    await tale.outside.send_hook(tale.desk)
    await tale.drafted(first)
    await tale.approve(first, f"We are on it, tale {tale.number}.")
    second = await tale.comment("Where can I buy this?")
    await tale.drafted(second)
    await tale.close(second)
    await tale.rest()


async def one_reply(tale: Tale[OverHttp]) -> None:
    tale.arm()
    said = await tale.comment("My order never arrived, where is it?")
    await tale.drafted(said)
    await tale.approve(said, f"We are on it, tale {tale.number}.")
    await tale.rest()


async def answers_were_lost(tale: Tale[OverHttp]) -> None:
    """Reply and card stand where they belong, their answers are lost, and a further call fails."""
    tale.outside.lose_answers()
    await one_reply(tale)


async def requests_were_lost(tale: Tale[OverHttp]) -> None:
    """Neither reply nor card arrived, which nobody can know, and a further call fails."""
    tale.outside.lose_requests()
    await one_reply(tale)


@pytest.mark.sampled
@pytest.mark.parametrize("way", WAYS)
async def test_whichever_call_fails_the_desk_comes_to_the_same_rest(
    request: pytest.FixtureRequest, tmp_path: Path, way: Mode
) -> None:
    async with _town(desk_address(request, tmp_path), Kind()) as town:
        await town.tell(
            both_lines, [way], _everything, lambda: every_k(1 if IS_WHOLE else ON_SQLITE)
        )


@pytest.mark.postgres
@pytest.mark.slow
async def test_on_postgres_too(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    async with _town(desk_address(request, tmp_path, "postgres"), Kind()) as town:
        await town.tell(both_lines, WAYS, _everything, lambda: every_k(SAMPLED))


@pytest.mark.slow
@pytest.mark.parametrize("chapter", [answers_were_lost, requests_were_lost], ids=_name)
async def test_whichever_look_at_what_was_lost_fails_one_reply_and_one_card_stand(
    request: pytest.FixtureRequest, tmp_path: Path, chapter: Chapter[OverHttp]
) -> None:
    async with _town(desk_address(request, tmp_path), Kind()) as town:
        await town.tell(chapter, WAYS, _writes_or_looks, every_k)


@pytest.mark.parametrize("chapter", [one_reply, answers_were_lost, requests_were_lost], ids=_name)
@pytest.mark.parametrize("kind", WORSE_NETWORKS, ids=str)
async def test_however_little_the_network_knows_again_one_reply_stands_or_a_person_is_asked(
    request: pytest.FixtureRequest, tmp_path: Path, kind: Kind, chapter: Chapter[OverHttp]
) -> None:
    async with _town(desk_address(request, tmp_path), kind) as town:
        await town.tell(chapter, WAYS, _is_about_replies, every_k)


def _everything(_method: str, _path: str) -> bool:
    return True


def _writes_or_looks(method: str, path: str) -> bool:
    return _is_about_replies(method, path) or (method != "PUT" and path.startswith("/cards"))


def _is_about_replies(_method: str, path: str) -> bool:
    return "/replies" in path


@dataclass(slots=True)
class _Town:
    """One desk and everything around it: it lives through all tales of a test."""

    desk: KthDesk
    outside: OverHttp
    book: Book
    told: int = 0

    async def tell(
        self,
        chapter: Chapter[OverHttp],
        ways: Iterable[Mode],
        counts: Counted,
        numbers: Callable[[], Iterable[int]],
    ) -> None:
        """In every way, until a tale in which nothing fails."""
        for way in ways:
            failed = 0
            for k in numbers():
                if not await self._is_harmed(chapter, way, k, counts):
                    break
                failed += 1
            report(f"{failed} calls failed: {way}; {len(parked(self.desk))} wait for a person")
            assert failed, f"no call failed, {way}: nothing was tested"

    async def _is_harmed(
        self, chapter: Chapter[OverHttp], way: Mode, k: int, counts: Counted
    ) -> bool:
        toll = self.outside.toll
        toll.choose(way, k, counts)
        self.told += 1
        tale = Tale(self.desk, self.outside, self.book, self.told, toll.arm, toll.disarm)
        try:
            await chapter(tale)
        except AssertionError as error:
            error.add_note(f"k = {k}, {way}: {toll.struck}")
            raise
        return bool(toll.struck)


@asynccontextmanager
async def _town(address: str, kind: Kind) -> AsyncIterator[_Town]:
    """At the end time passes, and everything is judged once more."""
    clock = DeskClock()
    async with (
        over_http(clock, kind) as outside,
        at_work(address, clock, outside.around) as desk,
        outside.hooks_to(desk),
    ):
        town = _Town(desk, outside, Book())
        await desk.time.pass_by(AFTERWARDS)
        yield town
        await desk.time.pass_by(AFTERWARDS)
        town.book.judged = 0
        await judged(desk, outside, town.book)
