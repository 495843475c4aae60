"""How far beyond a brand's own loudest moments a number is, in units of how much those differ.

Mentions are so over-dispersed (the variance of five minutes is 3 to 1,200 times their mean) that
no counting distribution tells which burst is rare. A brand's own days do. With y = the logarithm
of a feature:

    m, s    running mean and standard deviation of the greatest y of each day; half-life 8 days;
            s leans on a prior of 0.5 that weighs as much as a week
    score   (y - m) / s

Daily maxima are what makes brands comparable: days are nearly independent where buckets are not,
and one step of the score is about as rare for a brand with bots at any hour as for one that is
hardly mentioned. On a logarithmic scale such maxima are close to Gumbel's distribution, whose tail
is exponential: the expected number of false pages falls by a constant factor with each step of the
score, which is what turns "false pages a week" into a threshold (`knobs`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

HALF_LIFE_DAYS = 8.0
PRIOR_SPREAD = 0.5
PRIOR_DAYS = 7.0
NOTHING: Final = -50.0
"""Less than the logarithm of any feature."""

_FORGET = 2 ** (-1 / HALF_LIFE_DAYS)


class Standing:
    """Of one feature. `learn` is called once a bucket, `turn_day` after the last of a day."""

    __slots__ = ("_days", "_mean", "_spread", "_squares", "_today")

    def __init__(self, state: Mapping[str, Any] | None = None) -> None:
        kept = state or {}
        self._today: float = kept.get("today", NOTHING)
        self._mean: float = kept.get("mean", 0.0)
        self._squares: float = kept.get("squares", 0.0)
        self._days: float = kept.get("days", 0.0)
        self._spread = self._find_spread()

    def dump(self) -> dict[str, float]:
        return {
            "today": self._today,
            "mean": self._mean,
            "squares": self._squares,
            "days": self._days,
        }

    def score(self, y: float) -> float:
        """Of the logarithm of a feature. Before the first day is over, against that day."""
        usual = self._mean if self._days else self._today
        return (y - usual) / self._spread

    def learn(self, y: float) -> None:
        self._today = max(self._today, y)

    def turn_day(self) -> None:
        if self._today == NOTHING:
            return
        self._days = self._days * _FORGET + 1
        apart = self._today - self._mean
        self._mean += apart / self._days
        self._squares = self._squares * _FORGET + apart * (self._today - self._mean)
        self._today = NOTHING
        self._spread = self._find_spread()

    def _find_spread(self) -> float:
        prior = PRIOR_DAYS * PRIOR_SPREAD**2
        return math.sqrt((prior + self._squares) / (PRIOR_DAYS + self._days))
