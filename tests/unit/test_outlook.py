"""How far a post will go is told with its range, and against what its account is used to."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.detection.outlook import outlook

PAST = [900, 1_000, 1_100, 1_200, 1_300, 1_000]


def test_a_post_like_the_others_is_expected_to_end_like_them() -> None:
    told = outlook(60, 400, 260, PAST)
    assert told.low < 1_000 < told.high
    assert 700 < told.likely < 1_400
    assert told.pace == 0


def test_a_post_that_left_its_past_behind_is_told_so() -> None:
    told = outlook(30, 5_000, 2_800, PAST)
    assert told.pace == 1.0
    assert told.low >= told.already == 5_000


def test_at_the_same_count_an_account_of_large_posts_is_expected_to_go_further() -> None:
    small, large = outlook(60, 400, 260, [450] * 6), outlook(60, 400, 260, [4_000] * 6)
    assert small.likely < large.likely
    assert small.doubles < 0.5 < large.doubles


def test_what_still_gathers_speed_goes_further() -> None:
    tired, gathering = outlook(60, 400, 390, PAST), outlook(60, 400, 120, PAST)
    assert tired.likely < gathering.likely


def test_an_account_without_a_past_gets_a_wide_range_and_no_pace() -> None:
    alone, known = outlook(30, 400, 250, []), outlook(30, 400, 250, PAST)
    assert alone.pace is None
    assert alone.high / alone.low > known.high / known.low


@settings(max_examples=200, deadline=None)
@given(
    minutes=st.floats(10, 60),
    now=st.integers(0, 10**6),
    halfway=st.floats(0, 1),
    past=st.lists(st.integers(0, 10**6), max_size=30),
)
def test_a_range_is_a_range_and_a_chance_a_chance(
    minutes: float, now: int, halfway: float, past: list[int]
) -> None:
    told = outlook(minutes, now, int(now * halfway), past)
    assert now <= told.low <= told.likely <= told.high
    assert 0 <= told.doubles <= 1


@pytest.mark.parametrize("minutes", [0, 9.9, 60.1, 600])
def test_outside_of_the_first_hour_nothing_is_told(minutes: float) -> None:
    with pytest.raises(ValueError, match="only one of 10 to 60"):
        outlook(minutes, 100, 50, PAST)
