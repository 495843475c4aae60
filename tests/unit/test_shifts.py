"""Shifts: who is on one, by the plan or by hand, and when one begins and ends by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.cards.pages import DeskQuery
from bot.model import commands as c
from bot.model.business_hours import BusinessHours, Opening
from bot.model.duty import DutyPlan
from bot.model.ids import HOUR, MINUTE, SECOND, Moment
from bot.services.deciding import DeskRules
from bot.services.duties import on_duty
from bot.speech.speech import ENGLISH
from handlers import shift_words
from tests.fakes.clock import START
from tests.fakes.desk_kit import DeskKit, desk_address, opened_desk

DAY_SHIFT = (Opening(9 * 60, 17 * 60),)
PLAN = DutyPlan({"olga": BusinessHours("UTC", (DAY_SHIFT,) * 7)})


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    address = desk_address(request, tmp_path, request.param)
    rules = DeskRules(duties={"acme": PLAN})
    async with opened_desk(address, rules=rules, on_plan=frozenset(PLAN.hours)) as found:
        yield found


async def on(kit: DeskKit) -> list[str]:
    brand = (await kit.account_now()).brand_id
    crew = await kit.read(lambda tx: on_duty(tx, brand, kit.clock.now()))
    return [one.member.slug for one in crew]


async def until_hour(kit: DeskKit, hour: int) -> None:
    """To this time of the day, today or tomorrow."""
    here = datetime.fromtimestamp(kit.clock.now() / SECOND, ZoneInfo("UTC"))
    ahead = (hour * 60 - here.hour * 60 - here.minute) % (24 * 60) or 24 * 60
    await kit.pass_time(ahead * 60 + 1)


async def test_a_planned_shift_begins_and_ends_by_itself(kit: DeskKit) -> None:
    await until_hour(kit, 8)
    assert await on(kit) == []
    await until_hour(kit, 9)
    assert await on(kit) == ["olga"]
    await until_hour(kit, 17)
    assert await on(kit) == []


async def test_whoever_ends_a_shift_is_not_put_on_it_again_before_the_next_one(
    kit: DeskKit,
) -> None:
    await until_hour(kit, 10)
    assert (await kit.order("olga", c.EndShift())).says.startswith("Your shift is over.")
    assert (await kit.order("olga", c.EndShift())).says == "You are on no shift."
    await kit.pass_time(HOUR / SECOND)
    assert await on(kit) == []
    await until_hour(kit, 10)
    assert await on(kit) == ["olga"]


async def test_one_that_was_started_early_ends_with_the_plan(kit: DeskKit) -> None:
    await until_hour(kit, 8)
    assert (await kit.order("olga", c.StartShift())).is_done
    assert (await kit.order("olga", c.StartShift())).says == "Your shift goes on already."
    assert await on(kit) == ["olga"]
    await until_hour(kit, 17)
    assert await on(kit) == []


async def test_one_by_hand_that_nobody_ended_is_over_after_sixteen_hours(kit: DeskKit) -> None:
    await kit.order("bob", c.StartShift())
    await kit.pass_time(16 * HOUR / SECOND - 60)
    assert "bob" in await on(kit)
    await kit.pass_time(120)
    assert "bob" not in await on(kit)


async def test_whoever_is_away_is_on_no_shift_and_starting_one_brings_them_back(
    kit: DeskKit,
) -> None:
    await until_hour(kit, 10)
    await kit.order("olga", c.GoAway())
    assert await on(kit) == []
    await kit.order("olga", c.ComeBack())
    assert await on(kit) == ["olga"]
    await kit.order("bob", c.GoAway())
    await kit.order("bob", c.StartShift())
    assert await on(kit) == ["olga", "bob"]


async def test_a_clock_that_jumps_over_days_leaves_nobody_on_yesterdays_shift(
    kit: DeskKit,
) -> None:
    await until_hour(kit, 10)
    kit.clock.advance(31 * HOUR / SECOND)  # 17:00 of the next day, and nothing ran
    await kit.work()
    assert await on(kit) == []
    kit.clock.advance(17 * HOUR / SECOND)
    await kit.work()
    brand = (await kit.account_now()).brand_id
    [duty] = await kit.read(lambda tx: tx.duties.on(brand))
    assert duty.until - kit.clock.now() <= 7 * HOUR + MINUTE


async def test_the_desk_says_who_is_on_shift_and_who_is_next(kit: DeskKit) -> None:
    await until_hour(kit, 10)
    desk = await kit.desk.view(DeskQuery(), kit.who("olga"))
    assert desk.is_on_shift
    lines = shift_words.listed(desk.members, kit.clock.now(), ZoneInfo("UTC"), ENGLISH)
    assert [line.split(" until ")[0].split(" from ")[0] for line in lines] == [
        "On shift: Olga",
        "Next shift: Olga",
    ]


NIGHT = BusinessHours(
    "Europe/Paris",
    ((Opening(0, 6 * 60), Opening(22 * 60, 24 * 60)),) * 7,
    frozenset({date(2026, 12, 25)}),
)


@pytest.mark.parametrize(
    ("at", "until", "opens"),
    [
        ("2026-12-01T23:00", "2026-12-02T06:00", "2026-12-02T00:00"),
        ("2026-12-01T12:00", None, "2026-12-01T22:00"),
        ("2026-12-01T06:00", None, "2026-12-01T22:00"),
        ("2026-12-24T23:00", "2026-12-25T00:00", "2026-12-26T00:00"),
        ("2026-10-24T23:00", "2026-10-25T06:00", "2026-10-25T00:00"),
        ("2027-03-28T01:00", "2027-03-28T06:00", "2027-03-28T22:00"),
    ],
)
def test_a_night_is_one_shift_also_when_the_clock_changes(
    at: str, until: str | None, opens: str
) -> None:
    def moment(text: str) -> Moment:
        local = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Paris"))
        return Moment(round(local.timestamp() * SECOND))

    assert NIGHT.until(moment(at)) == (None if until is None else moment(until))
    assert NIGHT.opens(moment(at)) == moment(opens)


def test_what_never_closes_is_told_of_for_a_day_or_a_little_more() -> None:
    ends = BusinessHours().until(Moment(START))
    assert ends is not None
    assert 24 * HOUR <= ends - START <= 48 * HOUR


@pytest.mark.parametrize("wrong", ["begin", "start now", "end 4h"])
def test_other_words_are_no_shift(wrong: str) -> None:
    assert shift_words.read("START") == c.StartShift()
    with pytest.raises(ValueError, match=wrong):
        shift_words.read(wrong)
