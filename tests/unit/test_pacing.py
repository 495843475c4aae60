"""Digests and quiet hours of a channel: what waits, what does not, and nothing is told twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.cards.card import Card, CardKind, plain
from bot.cards.pages import QueueFilter
from bot.model import commands as c
from bot.model.ids import HOUR, SECOND, ItemId, Moment, RemoteId
from bot.model.item import ItemKind
from bot.model.network import RemoteAuthor
from bot.model.oncall import Hours, Quiet
from bot.model.pace import Pace
from bot.model.triage import Urgency
from bot.services.deciding import DeskRules
from tests.fakes.desk_kit import DeskKit, desk_address, labels, opened_desk
from tests.fakes.oncall_kit import CARE, MEMBERS, ONCALL, POISONED, words

QUESTION = "Where can I buy the green tea in Lyon?"
DIGESTS = Pace((10 * 60, 16 * 60))
"""The desk of these tests begins at 9:00 UTC."""
NIGHT = Quiet(Hours(8 * 60, 7 * 60, "UTC"))


@asynccontextmanager
async def opened(
    request: pytest.FixtureRequest, tmp_path: Path, pace: Pace, database: str = "sqlite"
) -> AsyncIterator[DeskKit]:
    address = desk_address(request, tmp_path, database)
    channels, rules = [replace(CARE, pace=pace)], DeskRules(oncall=ONCALL)
    async with opened_desk(address, rules=rules, channels=channels, members=MEMBERS) as kit:
        yield kit


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    async with opened(request, tmp_path, DIGESTS, request.param) as kit:
        yield kit


async def question(kit: DeskKit, name: str = "ann") -> ItemId:
    return await kit.comment(QUESTION, author=RemoteAuthor(RemoteId(name), name, name.title()))


def posted(kit: DeskKit) -> list[Card]:
    return [one.card for one in kit.chat.in_channel("C-care")]


async def hours(kit: DeskKit, count: float) -> None:
    kit.clock.advance(count * HOUR / SECOND)
    await kit.work()


async def test_what_may_wait_is_one_message_at_its_time(kit: DeskKit) -> None:
    items = [await question(kit, name) for name in ("ann", "ben")]
    assert posted(kit) == []
    assert (await kit.queue(QueueFilter.OPEN)).counts[QueueFilter.OPEN] == 2
    await hours(kit, 1)
    [digest] = posted(kit)
    assert plain(digest.source) == "2 comments came since the last digest"
    assert f"#{items[0]} Ann: {QUESTION}" in words(digest)
    await hours(kit, 1)
    assert len(posted(kit)) == 1


async def test_each_digest_tells_what_came_since_the_one_before(kit: DeskKit) -> None:
    first = await question(kit, "ann")
    await hours(kit, 1)
    await question(kit, "ben")
    await hours(kit, 6)
    counts = [plain(one.source) for one in posted(kit)]
    assert counts == ["1 comment came since the last digest"] * 2
    assert (await kit.press("bob", await kit.card_of(first), c.NoReplyNeeded)).is_done
    await kit.pass_time(6 * 60)
    assert "All of them are decided" in words(posted(kit)[0]), "the first one goes on beside it"


async def test_one_of_a_digest_gets_a_card_of_its_own_and_a_draft(kit: DeskKit) -> None:
    item = await question(kit)
    await hours(kit, 1)
    digest = await kit.card_of(1, CardKind.PEAK)
    assert labels(digest) == [f"Ann: {QUESTION}"]
    assert kit.drafter.requests == []
    assert (await kit.press("olga", digest, c.PullOut, item)).is_done
    await kit.work()
    own = posted(kit)[-1]
    assert (own.kind, own.number) == (CardKind.ITEM, item)
    assert len(kit.drafter.requests) == 1


async def test_nothing_to_tell_is_no_message(kit: DeskKit) -> None:
    item = await question(kit)
    assert (await kit.press("bob", await kit.card_of(item), c.NoReplyNeeded)).is_done
    await hours(kit, 1)
    assert posted(kit) == []


async def test_what_alleges_harm_waits_for_no_digest(kit: DeskKit) -> None:
    await kit.comment(POISONED)
    assert {one.kind for one in posted(kit)} == {CardKind.ITEM, CardKind.INCIDENT}


async def test_what_the_channel_wants_at_once_comes_at_once(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    pace = replace(DIGESTS, at_once=frozenset({ItemKind.COMMENT}))
    async with opened(request, tmp_path, pace) as kit:
        await question(kit)
        assert [one.kind for one in posted(kit)] == [CardKind.ITEM]


async def test_in_quiet_hours_only_what_breaks_them_is_posted(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    async with opened(request, tmp_path, Pace(quiet=NIGHT)) as kit:
        for name in ("ann", "ben"):
            await question(kit, name)
        assert (await kit.order("olga", c.ComposePost((c.VariantText("acme", "Tea"),)))).is_done
        await kit.work()
        assert posted(kit) == []
        await kit.comment(POISONED)
        assert {one.kind for one in posted(kit)} == {CardKind.ITEM, CardKind.INCIDENT}
        before = len(posted(kit))
        await hours(kit, 22)
        told = posted(kit)[before:]
        assert sorted(one.kind for one in told) == [CardKind.PEAK, CardKind.POST]
        await question(kit, "cem")
        assert posted(kit)[-1].kind is CardKind.ITEM, "they are over"


async def test_a_snooze_that_ends_at_night_is_told_in_the_morning_once(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    async with opened(request, tmp_path, Pace(quiet=NIGHT)) as kit:
        for name, count in (("ann", 1), ("ben", 3)):
            card = await kit.card_of(await question(kit, name))
            until = kit.clock.now() + count * HOUR
            assert (await kit.press("olga", card, c.Snooze, until)).is_done
        for _hour in range(4):
            await hours(kit, 1)
        assert posted(kit) == []
        await hours(kit, 18)
        counts = sorted(plain(one.source) for one in posted(kit))
        assert counts == [
            "2 comments are back from a snooze",
            "2 comments came since the last digest",
        ]


@pytest.mark.parametrize(
    ("now", "told"),
    [
        ((2026, 3, 28, 23, 0), (2026, 3, 29, 4, 30)),  # 3:30 is skipped that day
        ((2026, 10, 25, 0, 0), (2026, 10, 25, 3, 30)),  # 3:30 comes twice: the first
        ((2026, 7, 1, 3, 30), (2026, 7, 2, 3, 30)),  # what comes then is of the next
    ],
)
def test_a_digest_keeps_its_local_time_when_the_clock_changes(
    now: tuple[int, ...], told: tuple[int, ...]
) -> None:
    zone = ZoneInfo("Europe/Bucharest")
    pace = Pace((3 * 60 + 30,), zone.key)
    at, then = (
        Moment(round(datetime(*one, tzinfo=zone).timestamp()) * SECOND)  # type: ignore[arg-type, misc]
        for one in (now, told)
    )
    assert pace.told_at(at, ItemKind.COMMENT, Urgency.NORMAL) == then
