"""NAB's scoring rule, and its series of mentions.

    Lavin & Ahmad, "Evaluating Real-time Anomaly Detection Algorithms - the Numenta Anomaly
    Benchmark" (2015); numenta/NAB, `nab/sweeper.py` and `nab/scorer.py`, MIT licence

Each window counts its earliest detection: 1 at its left edge, falling by a sigmoid to about 0 at
its right. A missed window costs 1, or 2 in the profile that minds misses. A detection outside of
every window costs up to 0.11 (0.22 in the profile that minds false alarms): little just behind a
window, all of it from three widths on. The first 15 % of a series, 750 rows at most, are not
scored. The sum is put on a scale where a detector that says nothing has 0 and a perfect one 100.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

PROBATION = 0.15
MOST_PROBATION = 750
ROWS_A_WEEK = 2_016
STEP_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Profile:
    name: str
    missed: float
    false_alarm: float


STANDARD = Profile("standard", 1.0, 0.11)
FEW_FALSE = Profile("few false", 1.0, 0.22)
FEW_MISSED = Profile("few missed", 2.0, 0.11)
PROFILES = (STANDARD, FEW_FALSE, FEW_MISSED)


@dataclass(frozen=True, slots=True)
class Series:
    """`windows` are first and last rows; `labels` the rows that a person marked.

    `first_bucket` is the number of the first row's five minutes since 1970.
    """

    name: str
    first_bucket: int
    counts: tuple[int, ...]
    windows: tuple[tuple[int, int], ...]
    labels: tuple[int, ...]

    @property
    def probation(self) -> int:
        return min(int(PROBATION * len(self.counts)), MOST_PROBATION)

    @property
    def weeks(self) -> float:
        return (len(self.counts) - self.probation) / ROWS_A_WEEK

    def window_of(self, row: int) -> tuple[int, int] | None:
        return next((one for one in self.windows if one[0] <= row <= one[1]), None)


def load(folder: Path) -> list[Series]:
    """The series of `nab-dev`, or of a folder of the same form. FileNotFoundError as usual."""
    windows = json.loads((folder / "windows.json").read_text("utf-8"))
    labels = json.loads((folder / "labels.json").read_text("utf-8"))
    return [_read(folder / name, windows[name], labels[name]) for name in sorted(windows)]


def _read(path: Path, windows: Sequence[Sequence[str]], labels: Sequence[str]) -> Series:
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    places = {row["timestamp"]: place for place, row in enumerate(rows)}
    begun = datetime.fromisoformat(rows[0]["timestamp"]).replace(tzinfo=UTC)
    return Series(
        name=path.stem.rpartition("_")[2],
        first_bucket=int(begun.timestamp()) // STEP_SECONDS,
        counts=tuple(int(float(row["value"])) for row in rows),
        windows=tuple((places[left[:19]], places[right[:19]]) for left, right in windows),
        labels=tuple(places[label] for label in labels),
    )


def _sigmoid(position: float) -> float:
    return -1.0 if position > 3 else 2 / (1 + math.exp(5 * position)) - 1


def worth(series: Series, row: int) -> float:
    """What a detection there is worth: up to 1 in a window, down to -1 outside."""
    window = series.window_of(row)
    if window is not None:
        left, right = window
        return _sigmoid(-(right - row + 1) / (right - left + 1)) / _sigmoid(-1)
    before = [one for one in series.windows if one[1] < row]
    if not before:
        return -1.0
    left, right = max(before)
    return _sigmoid((row - right) / (right - left))


def score(
    every: Sequence[Series], detections: Mapping[str, Sequence[int]], profile: Profile
) -> float:
    """By brand the rows of its detections; on NAB's scale."""
    total, count = 0.0, 0
    for series in every:
        best = dict.fromkeys(series.windows, -profile.missed)
        for row in detections[series.name]:
            if row < series.probation:
                continue
            window = series.window_of(row)
            if window is None:
                total += worth(series, row) * profile.false_alarm
            else:
                best[window] = max(best[window], worth(series, row))
        total += sum(best.values())
        count += len(best)
    nothing = -profile.missed * count
    return 100 * (total - nothing) / (count - nothing)


def false_alarms(series: Series, rows: Sequence[int]) -> int:
    """Detections outside of every window."""
    return sum(row >= series.probation and series.window_of(row) is None for row in rows)
