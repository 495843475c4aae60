"""Will it go viral, on cascades that had no part in the coefficients: each is left out once.

The account's own past of a cascade is what the others came to.
"""

from __future__ import annotations

import math
import statistics
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from bot.detection.outlook import Outlook, Shares, gathering, outlook

AGES = (10, 15, 20, 30, 45, 60)
A_WEEK = 7 * 24 * 3_600

Cascade = Sequence[float]


def size(cascade: Cascade, minutes: float) -> int:
    """How many shares there are at an age."""
    return bisect_right(cascade, minutes * 60)


def final(cascade: Cascade) -> int:
    return bisect_right(cascade, A_WEEK)


def fit(cascades: Sequence[Cascade]) -> Shares:
    """Least squares of the logarithm of the share on 1, log hours and how it gathers."""
    rows, shares = [], []
    for one in cascades:
        for age in AGES:
            now = size(one, age)
            rows.append((1.0, math.log(age / 60), gathering(now, size(one, age / 2))))
            shares.append(math.log(now + 1) - math.log(final(one) + 1))
    a, b, c = _least_squares(rows, shares)
    left = [y - a - b * x[1] - c * x[2] for x, y in zip(rows, shares, strict=True)]
    return Shares(a, b, c, statistics.pstdev(left))


def _least_squares(
    rows: Sequence[tuple[float, float, float]], values: Sequence[float]
) -> tuple[float, float, float]:
    def sums(i: int, j: int) -> float:
        return math.fsum(row[i] * row[j] for row in rows)

    m = [[sums(i, j) for j in range(3)] for i in range(3)]
    v = [math.fsum(row[i] * y for row, y in zip(rows, values, strict=True)) for i in range(3)]
    whole = _determinant(m)
    a, b, c = (
        _determinant([[v[r] if k == col else m[r][k] for k in range(3)] for r in range(3)]) / whole
        for col in range(3)
    )
    return a, b, c


def _determinant(m: Sequence[Sequence[float]]) -> float:
    return (
        m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1])
        - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
        + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0])
    )


@dataclass(frozen=True, slots=True)
class Told:
    """What was told of a cascade, and what it came to."""

    outlook: Outlook
    final: int

    @property
    def is_inside(self) -> bool:
        return self.outlook.low <= self.final <= self.outlook.high

    @property
    def has_doubled(self) -> bool:
        return self.final >= 2 * self.outlook.already

    @property
    def error(self) -> float:
        return abs(self.outlook.likely / self.final - 1)


def left_out(cascades: Sequence[Cascade], minutes: int) -> list[Told]:
    """Each cascade judged by coefficients and a past of the others."""
    told = []
    for place, one in enumerate(cascades):
        others = [*cascades[:place], *cascades[place + 1 :]]
        past = [final(other) for other in others]
        now, halfway = size(one, minutes), size(one, minutes / 2)
        told.append(Told(outlook(minutes, now, halfway, past, fit(others)), final(one)))
    return told


def order(told: Sequence[Told]) -> float:
    """Area under the curve: how often one that doubled was given the higher chance."""
    yes = [one.outlook.doubles for one in told if one.has_doubled]
    no = [one.outlook.doubles for one in told if not one.has_doubled]
    above = sum((a > b) + 0.5 * (a == b) for a in yes for b in no)
    return above / (len(yes) * len(no))
