"""Real retweet cascades, as complaints of a brand that has few, are found while they are young."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from bot.detection.watch import Sensitivity, StreamWatch
from bot.model.signal import Stream
from bot.services.watching import FLOORS
from tests.benchmarks.alerts.injections import cascades
from tests.unit.test_watching import seasoned

COMPLAINTS = 150
FIRST = 6_000_000
"""The bucket before the first complaint."""


def found_at(moments: Sequence[float]) -> int:
    """How many complaints had been posted when the first word of it was said, or all of them."""
    known = json.loads(seasoned(Stream.COMPLAINTS, FIRST))
    watch = StreamWatch(known, Sensitivity(floor=FLOORS[Stream.COMPLAINTS]))
    counts: Counter[int] = Counter()
    closed = FIRST
    for posted, moment in enumerate(moments, 1):
        bucket = FIRST + 1 + int(moment // 300)
        while closed < bucket - 2:
            closed += 1
            if watch.close(closed, counts[closed]):
                return posted
        counts[bucket] += 1
        if watch.judge([(one, counts[one]) for one in range(closed + 1, bucket + 1)]):
            return posted
    return len(moments)


def test_a_cascade_of_complaints_is_found_before_a_fifth_of_it_was_posted(
    bench_data_dir: Path,
) -> None:
    shares = []
    for number, cascade in enumerate(cascades(bench_data_dir / "cascades-dev")):
        dice = random.Random(number)
        begun = dice.uniform(0, 300)
        moments = sorted(begun + one for one in dice.sample(cascade, COMPLAINTS))
        shares.append(found_at(moments) / COMPLAINTS)
    assert len(shares) == 50
    assert max(shares) < 0.2
