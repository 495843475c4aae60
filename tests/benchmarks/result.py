"""What a benchmark found: one `Measure` for each promise of a number, with its gate and goal."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

Better = Literal["higher", "lower"]


@dataclass(frozen=True, slots=True)
class Measure:
    """`rounds` are the values that `value` is the median of; `details` are what they came from."""

    name: str
    what: str
    unit: str
    better: Better
    gate: float | None
    goal: float | None
    rounds: tuple[float, ...]
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def value(self) -> float:
        return statistics.median(self.rounds)

    def meets(self, bound: float | None) -> bool | None:
        """None when there is no such bound."""
        if bound is None:
            return None
        return self.value >= bound if self.better == "higher" else self.value <= bound


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of them do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1))]


def machine() -> dict[str, Any]:
    """What the numbers were taken on."""
    return {
        "cores": os.cpu_count(),
        "processor": _processor(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "load_average": [round(load, 2) for load in os.getloadavg()],
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor())


def line(measure: Measure) -> str:
    """One line for a person."""
    bounds = f"gate {_number(measure.gate)}, goal {_number(measure.goal)}"
    verdict = {None: "", True: "gate met", False: "GATE MISSED"}[measure.meets(measure.gate)]
    if measure.meets(measure.goal):
        verdict = "goal met"
    return (
        f"{measure.name:40} {_number(measure.value):>9} {measure.unit:8} "
        f"({bounds}) {verdict}  {measure.what}"
    )


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"


def save(path: Path, measures: Sequence[Measure], about: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    found = [asdict(measure) | {"value": measure.value} for measure in measures]
    text = json.dumps({**about, "measures": found}, indent=1, sort_keys=True)
    path.write_text(text + "\n", encoding="utf-8")


def load(path: Path) -> dict[str, Measure]:
    """The measures of a saved result by name."""
    saved = json.loads(path.read_text(encoding="utf-8"))
    return {
        raw["name"]: Measure(
            **{k: v for k, v in raw.items() if k not in {"value", "rounds"}},
            rounds=tuple(raw["rounds"]),
        )
        for raw in saved["measures"]
    }


def broken(path: Path) -> tuple[str, ...]:
    """The lines that broke in a saved run."""
    return tuple(json.loads(path.read_text(encoding="utf-8")).get("broken", ()))
