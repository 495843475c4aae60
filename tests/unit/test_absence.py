"""Being away: what was open goes back to the queue, and what follows goes to others."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.cards.card import plain
from bot.cards.pages import DeskQuery
from bot.model import commands as c
from bot.model.ids import DAY, HOUR, MINUTE, Moment
from bot.model.item import ItemState
from handlers import away_words
from tests.fakes.clock import START
from tests.fakes.desk_kit import DeskKit, desk_address, opened_desk
from tests.unit.test_following import AGAIN, ANN, answered, below


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    async with opened_desk(desk_address(request, tmp_path, request.param)) as made:
        yield made


def until(kit: DeskKit, ahead: int) -> Moment:
    return Moment(kit.clock.now() + ahead)


async def test_what_nobody_decided_goes_back_to_the_queue_and_its_card_says_so(
    kit: DeskKit,
) -> None:
    done = await answered(kit, by="bob")
    await kit.press("bob", await kit.card_of(done), c.Take)
    waits, others = await kit.comment("Where is it?"), await kit.comment("And mine?")
    await kit.press("bob", await kit.card_of(waits), c.Take)
    await kit.press("olga", await kit.card_of(others), c.Take)
    before = await kit.card_of(waits)
    outcome = await kit.order("bob", c.GoAway(until(kit, 2 * HOUR)))
    assert outcome.says == "You are away. 1 card of yours went back to the queue."
    assert (await kit.item(waits)).assignee_id is None
    assert (await kit.item(done)).assignee_id is not None
    assert (await kit.item(others)).assignee_id is not None
    after = await kit.card_of(waits)
    assert after.revision == before.revision + 1
    told = [plain(one.spans) for one in (await kit.history_of(after.key)).lines]
    assert any("handed this back, being away" in one for one in told)


async def test_whoever_writes_again_is_not_given_to_somebody_away_and_is_once_they_are_back(
    kit: DeskKit,
) -> None:
    first = await answered(kit, by="bob")
    await kit.order("bob", c.GoAway(until(kit, HOUR)))
    missed = await below(kit, first)
    assert (await kit.item(missed)).state is ItemState.OPEN
    assert (await kit.item(missed)).assignee_id is None
    await kit.pass_time((HOUR + MINUTE) / 1000)
    back = await kit.comment(AGAIN, author=ANN)
    assert (await kit.item(back)).assignee_id is not None


async def test_somebody_away_may_be_given_a_card_knowingly_and_may_press(kit: DeskKit) -> None:
    await kit.order("bob", c.GoAway())
    item = await kit.comment()
    outcome = await kit.press("olga", await kit.card_of(item), c.GiveTo, "bob")
    assert outcome.says == "Bob has it now, and is away."
    desk = await kit.desk.view(DeskQuery(), kit.who("olga"))
    assert [one.slug for one in desk.members if one.away_until is not None] == ["bob"]
    assert (await kit.press("bob", await kit.card_of(item), c.NoReplyNeeded)).is_done
    assert (await kit.order("bob", c.ComeBack())).says.startswith("Welcome back.")
    assert (await kit.order("bob", c.ComeBack())).says == "You are here already."


@pytest.mark.parametrize("ahead", [0, -HOUR, 367 * DAY])
async def test_a_time_that_means_nothing_is_refused_and_nothing_goes_back(
    kit: DeskKit, ahead: int
) -> None:
    item = await kit.comment()
    await kit.press("bob", await kit.card_of(item), c.Take)
    outcome = await kit.order("bob", c.GoAway(until(kit, ahead)))
    assert outcome.says == "Choose a time to come, at most a year ahead."
    assert (await kit.item(item)).assignee_id is not None


def test_times_are_written_as_for_whoever_stands_in() -> None:
    zone, now = ZoneInfo("Europe/Bucharest"), Moment(START)
    assert away_words.read("", now, zone) == c.GoAway()
    assert away_words.read("until 4h", now, zone) == c.GoAway(Moment(START + 4 * HOUR))
    assert away_words.read("2d", now, zone) == c.GoAway(Moment(START + 2 * DAY))
    for wrong in ("until", "tomorrow", "4h please", "until 25:00"):
        with pytest.raises(ValueError, match=r".*"):
            away_words.read(wrong, now, zone)
