"""What a brand usually gets at this hour: a level, and a profile of the day around 1.

    expected(bucket) = level * profile[hour], with the profile drawn as a line between the middles
    of its hours

Both are running means that forget: the level has a half-life of a week, an hour of the profile one
of a fortnight. A count enters them clipped to six times what was expected (and three), so that one
storm does not become the usual. There is no day of the week: with weeks of history it takes more
noise in than it takes out (measured, ADR 0030). Hours are UTC; a team's own zone would only turn
the profile.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

BUCKETS_A_DAY = 288
"""A bucket is five minutes; it is numbered by its start, in whole buckets since 1970."""
BUCKETS_AN_HOUR = 12
LEVEL_DAYS = 7.0
PROFILE_DAYS = 14.0
CLIP_TIMES = 6.0
CLIP_MORE = 3.0
LEAST = 0.02

_LEVEL_RATE = 1 - 2 ** (-1 / (LEVEL_DAYS * BUCKETS_A_DAY))
_HOUR_RATE = 1 - 2 ** (-1 / (PROFILE_DAYS * BUCKETS_AN_HOUR))


class Season:
    __slots__ = ("_level", "_profile", "_seen")

    def __init__(self, state: Mapping[str, Any] | None = None) -> None:
        self._level: float = state["level"] if state else 1.0
        self._profile: list[float] = list(state["profile"]) if state else [1.0] * 24
        self._seen: int = state["seen"] if state else 0

    def dump(self) -> dict[str, Any]:
        return {"level": self._level, "profile": list(self._profile), "seen": self._seen}

    def expected(self, bucket: int) -> float:
        """Of a whole bucket."""
        hours = (bucket % BUCKETS_A_DAY) / BUCKETS_AN_HOUR - 0.5
        hour = math.floor(hours)
        share = hours - hour
        before, behind = self._profile[hour % 24], self._profile[(hour + 1) % 24]
        return max(LEAST, self._level * (before * (1 - share) + behind * share))

    def learn(self, bucket: int, count: int) -> None:
        clipped = min(count, CLIP_TIMES * self.expected(bucket) + CLIP_MORE)
        hour = bucket // BUCKETS_AN_HOUR % 24
        self._seen += 1
        rate = max(_LEVEL_RATE, 1 / (self._seen + 1))
        self._level += rate * (clipped / max(0.2, self._profile[hour]) - self._level)
        share = min(clipped / max(self._level, LEAST), CLIP_TIMES)
        self._profile[hour] += _HOUR_RATE * (share - self._profile[hour])
        if bucket % BUCKETS_A_DAY == 0:
            mean = sum(self._profile) / 24
            self._profile = [one / mean for one in self._profile]
