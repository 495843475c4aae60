"""Real cascades in real backgrounds: what a storm of a known size looks like to a brand.

    backgrounds   the series, with the hours of each labelled window replaced by the same hours of
                  the nearest week that has none: quiet, and with the brand's own rhythm
    bursts        retweet cascades, thinned to a quarter of the brand's average day ("small") or a
                  whole one ("large"), at least 30 mentions; begun anywhere in a five minutes

A burst counts as found when the detector speaks within twelve hours of its first mention. The
delay is from the bucket of the post to the bucket in which it speaks.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.alerts.nab import ROWS_A_WEEK, STEP_SECONDS, Series

SIZES = {"small": 1, "large": 4}
LEAST = 30
REACH = 144
"""Rows behind the post in which it must be found."""
EACH = 100
"""Bursts for each brand and size."""
ROWS_A_DAY = 288


@dataclass(frozen=True, slots=True)
class Background:
    series: Series
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Injection:
    """`added` to the rows from `row` on."""

    brand: str
    size: str
    row: int
    added: tuple[int, ...]
    mentions: int


def cascades(folder: Path) -> list[list[float]]:
    """Seconds after the post of each of its shares, of every cascade in a folder."""
    found = []
    for path in sorted(folder.glob("RT*.txt")):
        rows = path.read_text("utf-8").splitlines()[1:]
        found.append([float(row.split()[0]) for row in rows if row.strip()])
    return found


def background(series: Series) -> Background:
    counts = list(series.counts)
    for place in range(len(counts)):
        if series.window_of(place) is not None:
            counts[place] = series.counts[_quiet_twin(series, place)]
    return Background(series, tuple(counts))


def _quiet_twin(series: Series, place: int) -> int:
    """The same time of the nearest week outside of every window."""
    for weeks in range(1, len(series.counts) // ROWS_A_WEEK + 1):
        for twin in (place - weeks * ROWS_A_WEEK, place + weeks * ROWS_A_WEEK):
            if 0 <= twin < len(series.counts) and series.window_of(twin) is None:
                return twin
    return place


def injections(
    every: Sequence[Background], found: Sequence[Sequence[float]], each: int = EACH, seed: int = 11
) -> list[Injection]:
    dice = random.Random(seed)
    return [
        _injection(one, size, found, dice) for size in SIZES for one in every for _ in range(each)
    ]


def _injection(
    quiet: Background, size: str, found: Sequence[Sequence[float]], dice: random.Random
) -> Injection:
    series = quiet.series
    a_quarter = sum(series.counts) / len(series.counts) * ROWS_A_DAY / 4
    wanted = max(LEAST, int(a_quarter * SIZES[size]))
    cascade = dice.choice(found)
    shares = dice.sample(cascade, min(wanted, len(cascade)))
    shares += dice.choices(cascade, k=wanted - len(shares))
    late = dice.random() * STEP_SECONDS
    added = [0] * REACH
    for second in shares:
        bucket = int((second + late) // STEP_SECONDS)
        if bucket < REACH:
            added[bucket] += 1
    return Injection(series.name, size, _quiet_row(series, dice), tuple(added), wanted)


def _quiet_row(series: Series, dice: random.Random) -> int:
    """Where no window is near, and the detector knows the brand."""
    while True:
        row = dice.randrange(series.probation + ROWS_A_DAY, len(series.counts) - REACH - 1)
        if all(series.window_of(near) is None for near in range(row - 12, row + REACH)):
            return row
