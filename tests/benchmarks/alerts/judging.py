"""The desk's own detector on the data: what it says of the series, and of the bursts in them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.detection.rearm import Rearm
from bot.detection.surge import SurgeDetector
from tests.benchmarks.alerts.injections import REACH, Background, Injection
from tests.benchmarks.alerts.nab import ROWS_A_WEEK, Series
from tests.benchmarks.result import percentile

Scores = Mapping[str, Sequence[float]]


def spoken(scores: Sequence[float], threshold: float) -> list[int]:
    """The rows at which something is said, each thing once."""
    rearm = Rearm()
    return [row for row, one in enumerate(scores) if rearm.speaks(row, one, threshold)]


def scores_of(series: Series) -> tuple[list[float], float]:
    """Row by row, and the microseconds of processor time that each took."""
    detector = SurgeDetector()
    begun = time.process_time()
    scores = [
        detector.close(series.first_bucket + row, count).score
        for row, count in enumerate(series.counts)
    ]
    return scores, (time.process_time() - begun) / len(scores) * 1e6


@dataclass(frozen=True, slots=True)
class Found:
    """The scores from the first row of the burst on."""

    injection: Injection
    scores: Sequence[float]

    def row(self, threshold: float) -> int | None:
        return next((row for row, one in enumerate(self.scores) if one >= threshold), None)


def run_through(quiet: Background, bursts: Sequence[Injection]) -> tuple[list[float], list[Found]]:
    """The scores of a quiet background, and those of each burst in it, from its first row on."""
    detector = SurgeDetector()
    scores, found = [], []
    at: dict[int, list[Injection]] = {}
    for one in bursts:
        at.setdefault(one.row, []).append(one)
    for row, count in enumerate(quiet.counts):
        found += [Found(one, _burst(detector, quiet, one)) for one in at.get(row, ())]
        scores.append(detector.close(quiet.series.first_bucket + row, count).score)
    return scores, found


def _burst(detector: SurgeDetector, quiet: Background, one: Injection) -> list[float]:
    ahead = detector.copy()
    first = quiet.series.first_bucket
    return [
        ahead.close(first + row, quiet.counts[row] + one.added[row - one.row]).score
        for row in range(one.row, one.row + REACH)
    ]


def quiet_rate(every: Sequence[Background], scores: Scores, threshold: float) -> float:
    """Times a week that something is said where nothing happened."""
    said, rows = 0, 0
    for quiet in every:
        series = quiet.series
        spoke = set(spoken(scores[series.name], threshold))
        watched = [
            row
            for row in range(series.probation, len(series.counts))
            if series.window_of(row) is None
        ]
        said += sum(row in spoke for row in watched)
        rows += len(watched)
    return said / rows * ROWS_A_WEEK


def keenest(every: Sequence[Background], scores: Scores, a_week: float) -> float:
    """The lowest threshold, in steps of 0.02, that is wrong no more often than that."""
    steps = [4 - 0.02 * step for step in range(200)]
    best = steps[0]
    for one in steps:
        if quiet_rate(every, scores, one) > a_week:
            break
        best = one
    return best


@dataclass(frozen=True, slots=True)
class Share:
    """`found` of 100; delays in minutes; `shared` is the part of the burst until then."""

    found: float
    median_delay: float
    slow_delay: float
    shared: float


def share_found(found: Sequence[Found], size: str, threshold: float) -> Share:
    of_size = [one for one in found if one.injection.size == size]
    hits = [(one, row) for one in of_size if (row := one.row(threshold)) is not None]
    delays = [row * 5.0 for _one, row in hits]
    shared = [sum(one.injection.added[: row + 1]) / one.injection.mentions for one, row in hits]
    return Share(
        100 * len(hits) / len(of_size),
        statistics.median(delays),
        percentile(delays, 0.9),
        statistics.median(shared),
    )
