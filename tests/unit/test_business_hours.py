"""Time that is counted in business hours, by hand-written calendars."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model.business_hours import ALWAYS, BusinessHours, Opening
from bot.model.ids import HOUR, MINUTE, Moment

BERLIN = "Europe/Berlin"
NINE_TO_SIX = (Opening(9 * 60, 18 * 60),)
WEEK = (NINE_TO_SIX,) * 5 + ((), ())
HOURS = BusinessHours(BERLIN, WEEK, frozenset({date(2026, 12, 25)}))


def at(text: str, zone: str = BERLIN) -> Moment:
    return Moment(
        round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)
    )


@pytest.mark.parametrize(
    ("since", "hours", "due"),
    [
        ("2026-11-23 10:00", 4, "2026-11-23 14:00"),
        ("2026-11-23 16:00", 4, "2026-11-24 11:00"),  # two today, two tomorrow
        ("2026-11-23 07:00", 1, "2026-11-23 10:00"),  # before the door opens
        ("2026-11-27 17:00", 2, "2026-11-30 10:00"),  # over the weekend
        ("2026-11-28 12:00", 1, "2026-11-30 10:00"),  # written on a Saturday
        ("2026-12-24 17:30", 1, "2026-12-28 09:30"),  # over a holiday and a weekend
        ("2026-11-23 18:00", 1, "2026-11-24 10:00"),  # at closing time
        ("2026-11-23 09:00", 9, "2026-11-23 18:00"),  # to the very end of a day
    ],
)
def test_a_reply_is_due_when_so_much_work_time_has_passed(since: str, hours: int, due: str) -> None:
    assert HOURS.after(at(since), hours * HOUR) == at(due)
    assert HOURS.between(at(since), at(due)) == hours * HOUR


def test_a_clock_change_makes_a_day_shorter_or_longer() -> None:
    nights = BusinessHours(BERLIN, ((Opening(0, 6 * 60),),) * 7)
    # the night of 29 March 2026 lacks an hour, that of 25 October has one more
    assert nights.between(at("2026-03-29 00:00"), at("2026-03-29 12:00")) == 5 * HOUR
    assert nights.between(at("2026-10-25 00:00"), at("2026-10-25 12:00")) == 7 * HOUR
    assert nights.after(at("2026-03-29 00:00"), 5 * HOUR) == at("2026-03-29 06:00")


def test_without_hours_all_time_counts() -> None:
    always = BusinessHours(BERLIN)
    assert always.week == ALWAYS
    assert always.after(at("2026-03-29 00:00"), 5 * HOUR) == at("2026-03-29 00:00") + 5 * HOUR


def test_a_pause_at_noon_does_not_count() -> None:
    day = (Opening(9 * 60, 12 * 60), Opening(13 * 60, 18 * 60))
    hours = BusinessHours(BERLIN, (day,) * 7)
    assert hours.after(at("2026-11-23 11:30"), HOUR) == at("2026-11-23 13:30")


@settings(deadline=None)
@given(
    st.integers(1_700_000_000_000, 1_900_000_000_000),
    st.integers(1, 40 * 60),
    st.integers(1, 40 * 60),
)
def test_work_time_adds_up(since: int, first: int, second: int) -> None:
    start, one, two = Moment(since), first * MINUTE, second * MINUTE
    assert HOURS.after(HOURS.after(start, one), two) == HOURS.after(start, one + two)
    assert HOURS.between(start, HOURS.after(start, one)) == one
