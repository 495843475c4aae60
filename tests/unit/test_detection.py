"""What rises is told once, early, and only when it is more than the brand is used to."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.detection.knobs import moved, threshold
from bot.detection.rearm import ONLY_WORSE_BUCKETS, SILENT_BUCKETS, Rearm
from bot.detection.season import BUCKETS_A_DAY, Season
from bot.detection.surge import COLD_SCORE, SILENT, Reading, SurgeDetector
from bot.detection.watch import Call, Sensitivity, StreamWatch

MIDNIGHT = 5_800 * BUCKETS_A_DAY
PAGE = threshold(0.25)


def gamma_counts(seed: int, mean: float, buckets: int) -> list[int]:
    """Over-dispersed, as mentions are: the variance is about six times the mean."""
    dice = random.Random(seed)
    return [int(dice.gammavariate(mean / 5, 5)) for _ in range(buckets)]


def seasoned(counts: list[int]) -> SurgeDetector:
    detector = SurgeDetector()
    for place, count in enumerate(counts):
        detector.close(MIDNIGHT + place, count)
    return detector


def watched(counts: list[int], knobs: Sensitivity | None = None) -> tuple[StreamWatch, list[Call]]:
    watch = StreamWatch(knobs=knobs)
    calls = [watch.close(MIDNIGHT + place, count) for place, count in enumerate(counts)]
    return watch, [call for call in calls if call]


# --- one that is loaded goes on as the one that was dumped


@settings(max_examples=40, deadline=None)
@given(
    counts=st.lists(st.integers(0, 400), min_size=30, max_size=400),
    splits=st.sets(st.integers(1, 399), max_size=5),
    holes=st.sets(st.integers(1, 399), max_size=2),
    warm=st.integers(0, 1_200),
)
def test_a_restart_at_any_moment_changes_no_bit(
    counts: list[int], splits: set[int], holes: set[int], warm: int
) -> None:
    whole, broken = StreamWatch(), StreamWatch()
    for place, count in enumerate(gamma_counts(7, 20, warm)):
        whole.close(MIDNIGHT + place, count)
        broken.close(MIDNIGHT + place, count)
    bucket = MIDNIGHT + warm
    for place, count in enumerate(counts):
        if place in splits:
            broken = StreamWatch(json.loads(json.dumps(broken.dump())))
        bucket += 1 if place not in holes else 40
        assert whole.judge([(bucket, count)]) == broken.judge([(bucket, count)])
        assert whole.close(bucket, count) == broken.close(bucket, count)
    assert whole.dump() == broken.dump()


def test_what_it_knows_does_not_grow() -> None:
    one_week = len(json.dumps(seasoned(gamma_counts(1, 20, 2_016)).dump()))
    five_weeks = len(json.dumps(seasoned(gamma_counts(1, 20, 10_080)).dump()))
    assert five_weeks < one_week * 1.05


# --- the open bucket


def test_judging_an_open_bucket_changes_nothing() -> None:
    detector = seasoned(gamma_counts(2, 20, 1_500))
    before = detector.dump()
    reading = detector.judge(MIDNIGHT + 1_500, 300)
    assert reading.score > PAGE
    assert detector.dump() == before
    assert detector.close(MIDNIGHT + 1_500, 300) == reading


@settings(max_examples=60, deadline=None)
@given(low=st.integers(0, 500), more=st.integers(0, 500), days=st.sampled_from([1, 2, 4, 9]))
def test_what_comes_in_addition_never_lowers_the_score(low: int, more: int, days: int) -> None:
    detector = seasoned(gamma_counts(3, 15, days * BUCKETS_A_DAY))
    bucket = MIDNIGHT + days * BUCKETS_A_DAY
    assert detector.judge(bucket, low + more).score >= detector.judge(bucket, low).score


def test_two_open_buckets_are_judged_as_if_the_first_were_over() -> None:
    watch, _ = watched(gamma_counts(4, 20, 1_500))
    before = watch.dump()["detector"]
    assert watch.judge([(MIDNIGHT + 1_500, 25), (MIDNIGHT + 1_501, 25)]) is None
    call = watch.judge([(MIDNIGHT + 1_500, 150), (MIDNIGHT + 1_501, 190)])
    assert call is not None
    assert call.loudness == "page"
    assert watch.dump()["detector"] == before


def test_a_bucket_of_the_past_is_refused() -> None:
    detector = seasoned([3, 4, 5])
    with pytest.raises(ValueError, match="not after"):
        detector.close(MIDNIGHT + 2, 9)


# --- what is a rise, and what is not


def test_what_a_brand_gets_every_day_wakes_nobody_and_four_times_that_does() -> None:
    """Bots at any hour, as one of the measured brands has them: loud, and no news."""
    dice = random.Random(5)
    counts = gamma_counts(5, 4, 20 * BUCKETS_A_DAY)
    for day in range(19):
        start = day * BUCKETS_A_DAY + dice.randrange(30, 250)
        for place in range(start, start + 5):
            counts[place] += dice.randrange(180, 215)
    watch, calls = watched(counts)
    late = [call for call in calls if call.reading.bucket > MIDNIGHT + 7 * BUCKETS_A_DAY]
    assert [call for call in late if call.loudness == "page"] == []
    storm = [watch.close(MIDNIGHT + len(counts) + place, 800) for place in range(3)]
    assert [call.loudness for call in storm if call] == ["page"]


def test_the_morning_is_no_news_once_the_days_are_known() -> None:
    def count(place: int, dice: random.Random) -> int:
        hour = place % BUCKETS_A_DAY / 12
        mean = 40.0 if 8 <= hour < 18 else 3.0
        return int(dice.gammavariate(mean / 2, 2))

    dice = random.Random(6)
    _, calls = watched([count(place, dice) for place in range(21 * BUCKETS_A_DAY)])
    late = [call for call in calls if call.reading.bucket > MIDNIGHT + 10 * BUCKETS_A_DAY]
    assert [call for call in late if call.loudness == "page"] == []


def test_a_slow_rise_is_found_whose_single_buckets_are_ordinary() -> None:
    """A brand that is never mentioned twice in five minutes, and one day hears two an hour more."""
    dice = random.Random(8)
    counts = [int(dice.random() < 0.05) for _ in range(14 * BUCKETS_A_DAY)]
    watch, _ = watched(counts)
    found = [watch.close(MIDNIGHT + len(counts) + place, 2) for place in range(36)]
    first = next(call for call in found if call)
    assert first.reading.minutes >= 60


def test_fewer_than_the_floor_never_speak() -> None:
    quiet = seasoned([0] * (5 * BUCKETS_A_DAY))
    bucket = MIDNIGHT + 5 * BUCKETS_A_DAY
    assert quiet.judge(bucket, 9).score == SILENT
    assert quiet.judge(bucket, 10).score > PAGE


def test_after_a_hole_the_first_buckets_are_judged_by_themselves() -> None:
    """Three hours that nobody watched are not three hours of silence."""
    detector = seasoned(gamma_counts(9, 30, 6 * BUCKETS_A_DAY))
    back = MIDNIGHT + 6 * BUCKETS_A_DAY + 36
    readings = [detector.close(back + place, 30) for place in range(40)]
    assert max(reading.score for reading in readings) < threshold(1.0)
    assert readings[0].score == SILENT


# --- the first days


@pytest.mark.parametrize(
    ("level", "count", "speaks"),
    [(0, 19, False), (0, 20, True), (5, 60, False), (5, 125, True)],
)
def test_in_the_first_days_a_floor_speaks(level: int, count: int, speaks: bool) -> None:
    detector = seasoned([level] * 100)
    reading = detector.judge(MIDNIGHT + 100, count)
    assert reading.is_cold
    assert (reading.score >= COLD_SCORE) is speaks


def test_in_the_first_hour_nothing_is_known_and_nothing_is_said() -> None:
    assert seasoned([0] * 11).judge(MIDNIGHT + 11, 5_000).score == SILENT
    assert seasoned([0] * 12).judge(MIDNIGHT + 12, 5_000).score > PAGE


def test_the_floor_of_the_first_days_ends_after_three() -> None:
    assert seasoned([1] * (3 * BUCKETS_A_DAY - 1)).judge(MIDNIGHT + 900, 0).is_cold
    assert not seasoned([1] * (3 * BUCKETS_A_DAY)).judge(MIDNIGHT + 900, 0).is_cold


# --- said once


def test_what_goes_on_is_said_once_and_again_only_when_it_got_worse() -> None:
    rearm = Rearm()
    says: Callable[[int, float], bool] = lambda bucket, score: rearm.speaks(bucket, score, 2.0)  # noqa: E731
    assert not says(0, 1.9)
    assert says(1, 2.5)
    assert not says(2, 9.0), "silent for four hours, however bad"
    assert not says(1 + SILENT_BUCKETS, 9.0), "no worse than it was"
    assert says(2 + SILENT_BUCKETS, 9.1)
    assert not says(2 + SILENT_BUCKETS + ONLY_WORSE_BUCKETS - 1, 9.1)
    assert says(2 + SILENT_BUCKETS + ONLY_WORSE_BUCKETS, 2.0), "a day later it is news"


def test_a_rise_that_begins_gently_is_noticed_and_then_paged_each_once() -> None:
    watch, _ = watched(gamma_counts(10, 20, 10 * BUCKETS_A_DAY))
    bucket = MIDNIGHT + 10 * BUCKETS_A_DAY
    storm = [30, 45, 55, 70, 90, 120, 160, 220, 300, 300, 300, 300]
    calls = [watch.close(bucket + place, count) for place, count in enumerate(storm)]
    assert [call.loudness for call in calls if call] == ["notice", "page"]


def test_a_page_is_not_followed_by_a_notice_of_the_same() -> None:
    watch, _ = watched(gamma_counts(11, 20, 10 * BUCKETS_A_DAY))
    bucket = MIDNIGHT + 10 * BUCKETS_A_DAY
    calls = [watch.close(bucket + place, 400) for place in range(6)]
    assert [call.loudness for call in calls if call] == ["page"]


def test_a_call_tells_what_it_counted() -> None:
    watch, _ = watched([4] * (5 * BUCKETS_A_DAY))
    call = watch.close(MIDNIGHT + 5 * BUCKETS_A_DAY, 92)
    assert call is not None
    reading = call.reading
    assert (reading.minutes, reading.count, round(reading.expected)) == (15, 100, 12)


# --- the knob


def test_fewer_false_pages_want_a_higher_score() -> None:
    asked = [0.02, 0.1, 0.25, 1.0, 5.0, 20.0]
    scores = [threshold(one) for one in asked]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("asked", [0.0, -1.0, 0.01, 21.0, math.inf])
def test_what_cannot_be_promised_is_refused_with_what_can(asked: float) -> None:
    with pytest.raises(ValueError, match=r"choose from 0\.02 .* to 20"):
        threshold(asked)


def test_verdicts_move_what_is_borne_within_bounds() -> None:
    assert moved(0.25, 0, 0) == moved(0.25, 3, 3) == 0.25
    assert moved(0.25, 0, 2) == 0.125
    assert moved(0.25, 2, 0) == 0.5
    assert moved(0.25, 0, 50) == 0.0625
    assert moved(0.25, 50, 0) == 1.0
    assert moved(0.02, 0, 9) == 0.02
    assert moved(20, 9, 0) == 20


def test_a_team_that_bears_more_false_pages_hears_sooner() -> None:
    storm = MIDNIGHT + 10 * BUCKETS_A_DAY
    counts = [*gamma_counts(12, 20, 10 * BUCKETS_A_DAY), 40, 50, 60, 75, 90, 110, 130, 150]

    def hears(false_pages_a_week: float) -> int:
        _, calls = watched(counts, Sensitivity(false_pages_a_week=false_pages_a_week))
        pages = [c.reading.bucket for c in calls if c.loudness == "page"]
        return next(bucket for bucket in pages if bucket >= storm)

    assert hears(10) < hears(1) < hears(0.02)


# --- what is usual


def test_a_storm_does_not_become_the_usual() -> None:
    season = Season()
    for place in range(7 * BUCKETS_A_DAY):
        season.learn(MIDNIGHT + place, 10)
    for place in range(12):
        season.learn(MIDNIGHT + 7 * BUCKETS_A_DAY + place, 5_000)
    assert season.expected(MIDNIGHT + 8 * BUCKETS_A_DAY + 6) < 20


def test_a_reading_is_a_plain_value() -> None:
    detector = seasoned([1] * 10)
    assert isinstance(detector.judge(MIDNIGHT + 10, 1), Reading)
