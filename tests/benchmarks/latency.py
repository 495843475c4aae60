"""Seconds from a cause to what it must bring about, beside those of a floor.

Whatever never arrives is missing, and a run in which something is missing has no number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tests.benchmarks.load import Sent
from tests.benchmarks.outside import settled
from tests.benchmarks.result import Measure, percentile

PATIENCE = 120.0
"""Seconds after the last request until what has not arrived is missing."""
BOUNDS = (("p50", 2.0, 1.3), ("p99", 4.0, 2.0))


class Missing(AssertionError):
    """What should have arrived and never did."""


@dataclass(slots=True)
class Numbers:
    """Every comment of a run has a number of its own."""

    last: int = 0

    def take(self, count: int) -> range:
        first = self.last + 1
        self.last += count
        return range(first, self.last + 1)


@dataclass(frozen=True, slots=True)
class Latencies:
    """Seconds of one round; `again` as of `Sent`."""

    p50: float
    p99: float
    again: int

    @classmethod
    def of(cls, seconds: Sequence[float], again: int = 0) -> Latencies:
        return cls(percentile(seconds, 0.5), percentile(seconds, 0.99), again)


async def arrived(marks: dict[int, float], numbers: Sequence[int], sent: Sent) -> Latencies:
    """Wait for the mark of every number; from the moment its request was meant to leave to it."""
    await await_all(marks, numbers)
    pairs = zip(numbers, sent.moments, strict=True)
    return Latencies.of([marks[number] - moment for number, moment in pairs], sent.again)


async def await_all(marks: dict[int, float], numbers: Sequence[int]) -> None:
    """Until every number has its mark; Missing when patience ends."""
    missing = await settled(marks, set(numbers), PATIENCE)
    if missing:
        raise Missing(f"{len(missing)} of {len(numbers)} have not arrived after {PATIENCE:g} s")


@dataclass(slots=True)
class Rounds:
    """Latencies of the desk and of its floor, a pair for each round."""

    ours: list[Latencies] = field(default_factory=list)
    floors: list[Latencies] = field(default_factory=list)

    def add(self, desk: Latencies, floor: Latencies) -> None:
        self.ours.append(desk)
        self.floors.append(floor)

    def measures(self, name: str, what: str) -> Iterator[Measure]:
        for share, gate, goal in BOUNDS:
            desks = [getattr(one, share) for one in self.ours]
            floors = [getattr(one, share) for one in self.floors]
            ratios = tuple(desk / floor for desk, floor in zip(desks, floors, strict=True))
            details: Mapping[str, object] = {
                "desk_seconds": desks,
                "floor_seconds": floors,
                "missing": 0,
                "sent_again": sum(one.again for one in self.ours),
            }
            yield Measure(f"{name}.{share}", what, "ratio", "lower", gate, goal, ratios, details)
