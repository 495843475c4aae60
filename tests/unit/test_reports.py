"""A report counts what is stored: figures worked out by hand, on both databases, in any zone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.cards.pages import ReportPage, ReportQuery
from bot.model import commands as c
from bot.model.ids import DAY, HOUR, MINUTE, ItemId, Moment, RemoteId
from bot.model.item import ItemKind
from bot.model.member import ChatIdentity
from bot.model.network import RemoteAuthor, Removal
from bot.model.report import FirstReplies, Report, Span
from bot.services.deciding import DeskRules
from bot.services.reporting import stretches
from bot.speech.speech import ENGLISH, speech_in
from handlers.report_words import lasted, listed, titled
from tests.fakes.desk_kit import DeskKit, desk_address, opened_desk
from tests.unit.test_goals import RULES as GOALS

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    address = desk_address(request, tmp_path, request.param)
    async with opened_desk(address, rules=DeskRules(undo_window=0)) as kit:
        yield kit


async def report(kit: DeskKit, span: Span = Span.DAY, account: str = "") -> Report:
    page = await kit.desk.view(ReportQuery(span, account), kit.who("vic"))
    assert page.report is not None, page.trouble
    return page.report


async def comment(kit: DeskKit, text: str, **fields: object) -> ItemId:
    """Each by somebody else."""
    name = f"author-{len(text)}-{kit.clock.now()}"
    author = RemoteAuthor(RemoteId(name), name, name)
    return await kit.comment(text, author=author, **fields)


async def answer(kit: DeskKit, text: str, after: int, **fields: object) -> None:
    item = await comment(kit, text, **fields)
    kit.clock.advance(after / 1000)
    await kit.press("bob", await kit.card_of(item), c.Approve)
    await kit.work()


async def test_labels_of_the_team_are_counted_and_topics_as_they_were_corrected(
    kit: DeskKit,
) -> None:
    first, second = await comment(kit, "Where is it?"), await comment(kit, "Nice tea, thank you!")
    for item, put_on, taken_off in (
        (first, ("Press kit", "Trade fair", "delivery"), ("question",)),
        (second, ("press kit", "gone"), ()),
        (second, (), ("gone",)),
    ):
        card = await kit.card_of(item)
        assert (await kit.press("bob", card, c.ChangeLabels, put_on, taken_off)).is_done
    found = await report(kit)
    assert found.own == (("Press kit", 2), ("Trade fair", 1))
    assert dict(found.labels)["delivery"] == 1
    assert "question" not in dict(found.labels)
    page = await kit.desk.view(ReportQuery(), kit.who("vic"))
    assert "Labels of the team: Press kit 2, Trade fair 1" in listed(page, UTC)


async def test_nothing_is_said_to_be_nothing(kit: DeskKit) -> None:
    found = await report(kit)
    assert found.now == found.before
    assert found.now.came == found.now.posts == 0
    assert found.now.first == FirstReplies(0)
    assert (found.kinds, found.accounts, found.labels, found.risks) == ((), (), (), ())
    assert found.busiest is None
    page = await kit.desk.view(ReportQuery(), kit.who("vic"))
    lines = listed(page, ZoneInfo("UTC"))
    assert lines[:2] == ["In brackets: yesterday until this time", "Came in: 0 (0)"]
    assert "Nobody has a first reply yet." in lines


async def test_the_figures_are_those_worked_out_by_hand(kit: DeskKit) -> None:
    """Yesterday one question. Today: three answered after 10, 20 and 300 minutes, one closed, one
    quiet, one open with a legal risk, one deleted; one post.
    """
    kit.clock.advance((DAY - kit.clock.now() % DAY) / 1000 + 8 * 3600)  # 08:00 UTC
    await comment(kit, "Where is the shop?")
    kit.clock.advance(24 * 3600)
    began = kit.clock.now()
    await answer(kit, "My parcel never arrived. Where is it?", 10 * MINUTE)
    await answer(kit, "Where is my parcel? It is late.", 20 * MINUTE, kind=ItemKind.MENTION)
    await answer(kit, "Is it open on Sunday?", 300 * MINUTE)
    closed = await comment(kit, "What is this?")
    await kit.press("bob", await kit.card_of(closed), c.NoReplyNeeded)
    await comment(kit, "Thank you!")
    await comment(kit, "I will call my lawyer and sue you over this.")
    await comment(kit, "When do you open?", remote_id=RemoteId("gone"))
    await kit.take(Removal(RemoteId("gone")))
    outcome = await kit.order("olga", c.ComposePost((c.VariantText("acme", "Tea is ready."),)))
    await kit.press("alice", await kit.card(outcome.note), c.Approve)
    await kit.work()
    found = await report(kit)
    now = found.now
    assert (now.came, now.answered, now.not_needed, now.open, now.gone) == (7, 3, 2, 1, 1)
    assert now.first.count == 3
    assert now.first.median is not None
    assert now.first.ninetieth is not None
    assert 20 * MINUTE <= now.first.median < 21 * MINUTE
    assert 300 * MINUTE <= now.first.ninetieth < 301 * MINUTE
    assert now.posts == 1
    assert found.kinds == ((ItemKind.COMMENT, 6), (ItemKind.MENTION, 1))
    assert found.accounts == (("@acme", 7),)
    assert ("legal", 1) in found.risks
    assert dict(found.labels)["delivery"] == 2
    # three from 08:00 on, four after half past one
    assert found.busiest == (began - began % HOUR + 5 * HOUR, 4)
    assert (found.before.came, found.before.open, found.before.posts) == (1, 1, 0)
    week = await report(kit, Span.WEEK)
    assert week.now.came == 8
    assert (await report(kit, Span.DAY, "acme-two")).now.came == 0
    page = await kit.desk.view(ReportQuery(Span.DAY, "acme"), kit.who("vic"))
    lines = listed(page, ZoneInfo("UTC"))
    assert "Came in: 7 (1)" in lines
    assert "By kind: comment 6, mention 1" in lines
    assert "Time to first reply: half within 20 min (–), nine of ten within 5 h" in lines
    assert titled(page, ZoneInfo("UTC")).startswith("acme · Today, from ")


async def test_the_share_within_the_goal_is_of_those_whose_time_is_over(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """One in time, one late, one that waits beyond its goal of 4 hours, one that has time."""
    rules = replace(GOALS, undo_window=0)
    async with opened_desk(desk_address(request, tmp_path), rules=rules, has_goals=True) as kit:
        await answer(kit, "Where can I buy the green tea in Lyon?", HOUR)
        await answer(kit, "Where can I buy the black tea in Nice?", 5 * HOUR)
        await comment(kit, "Where can I buy the white tea?")
        kit.clock.advance(4.5 * 3600)
        await comment(kit, "Where can I buy the yellow tea?")
        page = await kit.desk.view(ReportQuery(Span.WEEK), kit.who("vic"))
        assert page.report is not None
        assert (page.report.now.in_time, page.report.now.late) == (1, 2)
        assert "Within the reply goal: 33 % of 3" in listed(page, ZoneInfo("UTC"))


async def test_an_account_that_there_is_not_is_told_with_those_that_there_are(
    kit: DeskKit,
) -> None:
    page = await kit.desk.view(ReportQuery(Span.DAY, "nosuch"), kit.who("vic"))
    assert page.report is None
    assert page.trouble == "There is no account called 'nosuch'. There are: acme, acme-two."


async def test_a_stranger_sees_no_figures(kit: DeskKit) -> None:
    page = await kit.desk.view(ReportQuery(), ChatIdentity("console", "nobody"))
    assert page == ReportPage(None)


@pytest.mark.parametrize(
    ("at", "hours", "before"),
    [
        ("2026-03-29T21:59:59", 23, 24),  # a minute before midnight of the day that lost an hour
        ("2026-10-25T22:59:59", 25, 24),
        ("2026-03-30T21:59:59", 24, 23),
        ("2026-07-01T21:59:59", 24, 24),
    ],
)
def test_a_day_is_the_readers_also_when_their_clocks_change(
    at: str, hours: int, before: int
) -> None:
    now = Moment(round(datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp() * 1000))
    today, yesterday = stretches(Span.DAY, now, BERLIN)
    assert round((today.until - today.since) / HOUR, 2) == hours
    assert round((yesterday.until - yesterday.since) / HOUR, 2) == before
    assert yesterday.until <= today.since + 1


def test_a_week_is_seven_days_and_as_many_before() -> None:
    now = Moment(round(datetime(2026, 11, 30, 11, tzinfo=UTC).timestamp() * 1000))
    week, before = stretches(Span.WEEK, now, BERLIN)
    assert week.until - week.since == 6 * DAY + 12 * HOUR + 1
    assert week.since - before.since == 7 * DAY
    assert before.until - before.since == week.until - week.since


@pytest.mark.parametrize(
    ("lasts", "said"),
    [(0, "0 s"), (119_999, "119 s"), (2 * MINUTE, "2 min"), (2 * HOUR, "2 h"), (2 * DAY, "2 d")],
)
def test_a_time_is_told_in_the_largest_unit_of_which_there_are_two(lasts: int, said: str) -> None:
    assert lasted(lasts, ENGLISH) == said
    assert lasted(lasts, speech_in("fr"))
