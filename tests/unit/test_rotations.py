"""Who is on call is a function of the plan, the overrides and the moment, on both sides of DST."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bot.model.ids import DAY, HOUR, SECOND, Moment
from bot.model.oncall import Hours, Override, Rotation

BUCHAREST = "Europe/Bucharest"
WEEKLY = Rotation("first", ("ann", "bob", "eve"), date(2026, 10, 19), 9 * 60, 7, BUCHAREST)


def at(text: str, zone: str = BUCHAREST) -> Moment:
    there = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))
    return Moment(round(there.timestamp()) * SECOND)


def test_a_hand_over_at_nine_is_at_nine_before_and_after_the_clock_changes() -> None:
    # the clock goes back on 2026-10-25
    assert WEEKLY.planned(at("2026-10-26T08:59")).member == "ann"
    shift = WEEKLY.planned(at("2026-10-26T09:00"))
    assert shift.member == "bob"
    assert shift.since == at("2026-10-26T09:00")
    assert WEEKLY.planned(at("2026-10-20T00:00")).until == at("2026-10-26T09:00")


def test_turns_come_round_in_order_and_before_the_start_it_is_somebody_s_too() -> None:
    members = [
        WEEKLY.planned(Moment(at("2026-10-19T12:00") + week * 7 * DAY)).member for week in range(4)
    ]
    assert members == ["ann", "bob", "eve", "ann"]
    assert WEEKLY.planned(at("2026-10-18T12:00")).member == "eve"


def test_an_override_stands_in_for_its_time_and_the_newest_counts() -> None:
    noon = at("2026-10-20T12:00")
    made = [
        Override("first", "eve", noon, Moment(noon + 4 * HOUR)),
        Override("first", "bob", Moment(noon + HOUR), Moment(noon + 2 * HOUR)),
        Override("other", "zoe", noon, Moment(noon + 9 * HOUR)),
    ]
    on_call = [
        WEEKLY.on_call(Moment(noon + hours * HOUR), made).member for hours in (-1, 0, 1, 2, 4)
    ]
    assert on_call == ["ann", "eve", "bob", "eve", "ann"]
    before = WEEKLY.on_call(Moment(noon - HOUR), made)
    assert before.until == noon


def test_hours_over_midnight_belong_to_the_day_on_which_they_begin() -> None:
    night = Hours(22 * 60, 7 * 60, BUCHAREST, frozenset({4}))  # Friday
    assert not night.hold(at("2026-10-23T21:59"))
    assert night.hold(at("2026-10-23T22:00"))
    assert night.hold(at("2026-10-24T06:59"))
    assert not night.hold(at("2026-10-24T07:00"))
    assert not night.hold(at("2026-10-24T23:00"))
    assert night.end_after(at("2026-10-23T23:00")) == at("2026-10-24T07:00")


@given(
    moment=st.integers(1_700_000_000_000, 1_900_000_000_000),
    days=st.integers(1, 14),
    hand_over=st.integers(0, 24 * 60 - 1),
    zone=st.sampled_from([BUCHAREST, "UTC", "America/New_York", "Australia/Lord_Howe"]),
)
def test_every_moment_is_somebody_s_and_shifts_follow_each_other(
    moment: int, days: int, hand_over: int, zone: str
) -> None:
    rotation = Rotation("r", ("a", "b", "c"), date(2026, 1, 1), hand_over, days, zone)
    shift = rotation.planned(Moment(moment))
    after = rotation.planned(shift.until)
    assert after.since == shift.until
    assert after.member != shift.member
    length = timedelta(milliseconds=shift.until - shift.since)
    assert abs(length - timedelta(days=days)) <= timedelta(hours=1)
    there = datetime.fromtimestamp(shift.since / SECOND, UTC).astimezone(ZoneInfo(zone))
    skipped = timedelta(hours=1)  # a time that the clock skips is the one after it
    assert abs(timedelta(minutes=there.hour * 60 + there.minute - hand_over)) <= skipped
