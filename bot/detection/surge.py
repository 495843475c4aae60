"""The detector of one stream of counts: is more being said than this brand is used to?

Counts of five minutes are looked at in four ways, each of which sees what the others miss, and
each of which stands against its own past (`standing`):

    burst    15 minutes, against what is usual at this hour (`season`)
    hour     60 minutes, likewise: a rise whose single buckets are ordinary
    spell    3 hours, likewise
    steady   the third least of the last 12 buckets: a cascade lasts, a bot's burst does not

    feature = (mean count + c) / (mean expected + c), c keeping single mentions from mattering

The score is the greatest of the four. The slower ones give up a little (`handicap`): they have
more chances to be wrong, and later news to tell. A page wants a higher score than a notice
(`knobs`), and both are said once (`rearm`).

In the first three days nothing is known of a brand's days: then a fixed floor speaks (20 in 15
minutes and 8 times the usual), after an hour that tells what is usual at all. With fewer than
`floor` mentions in its window no way ever speaks.

The count of a bucket that is still open can only grow, so it may be judged at any time; only
`close` learns. After a hole (the desk was away) the windows begin anew: what was not watched is
not a zero.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot.detection.season import BUCKETS_A_DAY, Season
from bot.detection.standing import Standing

MINUTES_A_BUCKET = 5
SILENT = -9.0
"""The score of what says nothing."""
COLD_BUCKETS = 3 * BUCKETS_A_DAY
FIRST_BUCKETS = 12
COLD_COUNT = 20
COLD_TIMES = 8.0
COLD_SCORE = 2.0
"""What the floor of the first days scores: enough for a page at the usual knob."""
FLOOR = 10


@dataclass(frozen=True, slots=True)
class Way:
    """One way to look: over how many buckets, and what keeps it from speaking too easily."""

    buckets: int
    softening: float
    handicap: float


BURST: Final = Way(3, 3.0, 0.0)
HOUR: Final = Way(12, 3.0, 0.2)
SPELL: Final = Way(36, 3.0, 0.4)
STEADY: Final = Way(12, 2.0, 0.4)
STEADY_PLACE = 2
"""Which of the sorted buckets is `steady`'s, counted from 0."""
WAYS: Final = (BURST, HOUR, SPELL, STEADY)
LONGEST: Final = max(way.buckets for way in WAYS)


@dataclass(frozen=True, slots=True)
class Reading:
    """`count` mentions in the last `minutes`, where about `expected` are usual.

    `score` is in spreads of the brand's own daily maxima; 0 is an ordinary day's loudest moment.
    """

    bucket: int
    score: float
    minutes: int
    count: int
    expected: float
    is_cold: bool


class SurgeDetector:
    """`floor`: mentions in a window below which it never speaks."""

    def __init__(self, state: Mapping[str, Any] | None = None, *, floor: int = FLOOR) -> None:
        kept = state or {}
        self._floor = floor
        self._season = Season(kept.get("season"))
        self._standings = [Standing(one) for one in kept.get("standings") or [None] * len(WAYS)]
        self._counts: list[int] = list(kept.get("counts", ()))
        self._usual: list[float] = list(kept.get("usual", ()))
        self._closed: int = kept.get("closed", 0)
        self.last_bucket: int | None = kept.get("last_bucket")

    def dump(self) -> dict[str, Any]:
        """JSON; what is loaded from it judges and learns the same bits."""
        return {
            "season": self._season.dump(),
            "standings": [one.dump() for one in self._standings],
            "counts": list(self._counts),
            "usual": list(self._usual),
            "closed": self._closed,
            "last_bucket": self.last_bucket,
        }

    def copy(self) -> SurgeDetector:
        return SurgeDetector(self.dump(), floor=self._floor)

    def judge(self, bucket: int, count: int) -> Reading:
        """Of a bucket with what it has so far; changes nothing."""
        return self._read(self._look(bucket, count))

    def close(self, bucket: int, count: int) -> Reading:
        """As `judge`, of a bucket that is over: it is learned. ValueError for one of the past."""
        if self.last_bucket is not None and bucket <= self.last_bucket:
            raise ValueError(f"bucket {bucket} is not after {self.last_bucket}")
        look = self._look(bucket, count)
        reading = self._read(look)
        self._learn(look)
        return reading

    def _look(self, bucket: int, count: int) -> _Look:
        expected = self._season.expected(bucket)
        if self.last_bucket is None or bucket == self.last_bucket + 1:
            counts, usual = [*self._counts, count], [*self._usual, expected]
        else:
            counts, usual = [count], [expected]
        return _Look(bucket, counts, usual, [_logarithm(way, counts, usual) for way in WAYS])

    def _read(self, look: _Look) -> Reading:
        if self._closed < COLD_BUCKETS:
            return self._cold(look)
        best, score = BURST, SILENT
        for way, y, standing in zip(WAYS, look.logarithms, self._standings, strict=True):
            if y is None or sum(look.counts[-way.buckets :]) < self._floor:
                continue
            its = standing.score(y) - way.handicap
            if its > score:
                best, score = way, its
        return _reading(look, best, score)

    def _cold(self, look: _Look) -> Reading:
        """`COLD_SCORE` at the floor, and one more each time that is doubled."""
        said = sum(look.counts[-BURST.buckets :])
        expected = sum(look.usual[-BURST.buckets :])
        times = min(said / COLD_COUNT, said / (COLD_TIMES * expected))
        is_beyond = times >= 1 and self._closed >= FIRST_BUCKETS
        score = COLD_SCORE + math.log2(times) if is_beyond else SILENT
        return _reading(look, BURST, score, is_cold=True)

    def _learn(self, look: _Look) -> None:
        self._counts, self._usual = look.counts[-LONGEST:], look.usual[-LONGEST:]
        for standing, y in zip(self._standings, look.logarithms, strict=True):
            if y is not None:
                standing.learn(y)
        self._season.learn(look.bucket, look.counts[-1])
        self._closed += 1
        self.last_bucket = look.bucket
        if (look.bucket + 1) % BUCKETS_A_DAY == 0:
            for standing in self._standings:
                standing.turn_day()


@dataclass(frozen=True, slots=True)
class _Look:
    """The windows up to a bucket, and by way the logarithm of its feature, if it has one yet."""

    bucket: int
    counts: list[int]
    usual: list[float]
    logarithms: list[float | None]


def _logarithm(way: Way, counts: list[int], usual: list[float]) -> float | None:
    """None while its window is not whole."""
    n = way.buckets
    if len(counts) < n:
        return None
    if way is STEADY:
        seen = sorted(counts[-n:])[STEADY_PLACE]
        return math.log((seen + way.softening) / (usual[-1] + way.softening))
    c = n * way.softening
    return math.log((sum(counts[-n:]) + c) / (sum(usual[-n:]) + c))


def _reading(look: _Look, way: Way, score: float, *, is_cold: bool = False) -> Reading:
    return Reading(
        bucket=look.bucket,
        score=score,
        minutes=way.buckets * MINUTES_A_BUCKET,
        count=sum(look.counts[-way.buckets :]),
        expected=sum(look.usual[-way.buckets :]),
        is_cold=is_cold,
    )
