"""`python -m tests.benchmarks.alerts`: how good the alerts are; fails when a gate is missed.

Reads the data from the folder that REPLYDESK_BENCH_DATA names: `nab-dev` and `cascades-dev`, or
others of their form that NAB_SERIES and CASCADES name in it. Writes `build/bench-alerts.json`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from bot.detection.knobs import FALSE_PAGES_A_WEEK, threshold
from tests.benchmarks.alerts import nab, outlooks
from tests.benchmarks.alerts.injections import SIZES, background, cascades, injections
from tests.benchmarks.alerts.judging import (
    Scores,
    keenest,
    quiet_rate,
    run_through,
    scores_of,
    share_found,
    spoken,
)
from tests.benchmarks.result import Measure, line, machine, save

GOALS = {"standard": (73.0, 85.0), "few false": (None, 80.0), "few missed": (None, 90.0)}
FOUND = {"small": (30.0, 40.0), "large": (75.0, 82.0)}


def measure(folder: Path) -> Iterator[Measure]:
    every = nab.load(folder / os.environ.get("NAB_SERIES", "nab-dev"))
    found = cascades(folder / os.environ.get("CASCADES", "cascades-dev"))
    yield from _judged_by_nab(every)
    yield from _injected(every, found)
    yield from _told(found)


def _judged_by_nab(every: list[nab.Series]) -> Iterator[Measure]:
    labels = {series.name: series.labels for series in every}
    oracle = nab.score(every, labels, nab.STANDARD)
    yield Measure(
        "nab.oracle", "an oracle at the labels: the rule is NAB's", "", "higher", 93, 93, (oracle,)
    )
    silence = nab.score(every, {series.name: () for series in every}, nab.STANDARD)
    yield Measure("nab.silence", "one that says nothing", "", "lower", 0, 0, (silence,))
    judged = {series.name: scores_of(series) for series in every}
    pages = _spoken({name: one[0] for name, one in judged.items()})
    for profile in nab.PROFILES:
        gate, goal = GOALS[profile.name]
        name = f"nab.{profile.name.replace(' ', '_')}"
        value = nab.score(every, pages, profile)
        yield Measure(name, f"pages, profile {profile.name}", "", "higher", gate, goal, (value,))
    wrong = sum(nab.false_alarms(series, pages[series.name]) for series in every)
    rate = wrong / sum(series.weeks for series in every)
    yield Measure("nab.false_pages", "outside of windows", "/week", "lower", 0.4, 0.12, (rate,))
    slowest = max(one[1] for one in judged.values())
    yield Measure("sample", "to judge and learn a bucket", "us", "lower", 50, 25, (slowest,))


def _spoken(scores: Scores) -> dict[str, list[int]]:
    from_score = threshold(FALSE_PAGES_A_WEEK)
    return {name: spoken(one, from_score) for name, one in scores.items()}


def _injected(every: list[nab.Series], found: list[list[float]]) -> Iterator[Measure]:
    quiet = [background(series) for series in every]
    bursts = injections(quiet, found)
    scores, judged = {}, []
    for one in quiet:
        of_brand = [burst for burst in bursts if burst.brand == one.series.name]
        scores[one.series.name], of_bursts = run_through(one, of_brand)
        judged += of_bursts
    knob = threshold(FALSE_PAGES_A_WEEK)
    rate = quiet_rate(quiet, scores, knob)
    yield Measure(
        "quiet.false_pages", "a week at the usual knob, which says 0.25", "/week", "lower",
        0.4, 0.25, (rate,),
    )  # fmt: skip
    level = keenest(quiet, scores, FALSE_PAGES_A_WEEK)
    for size in SIZES:
        share = share_found(judged, size, level)
        gate, goal = FOUND[size]
        yield Measure(
            f"injected.{size}", "found at 0.25 false pages a week", "%", "higher", gate, goal,
            (share.found,), {"threshold": level, "shared": share.shared},
        )  # fmt: skip
        yield Measure(
            f"injected.{size}.delay", f"median; nine in ten by {share.slow_delay:g}", "min",
            "lower", 5 if size == "large" else None, 5, (share.median_delay,),
        )  # fmt: skip


def _told(found: list[list[float]]) -> Iterator[Measure]:
    for age in (10, 30, 60):
        told = outlooks.left_out(found, age)
        inside = 100 * sum(one.is_inside for one in told) / len(told)
        errors = sorted(one.error for one in told)
        yield Measure(
            f"outlook.{age}.off", "how far 80 % ranges are from holding 80 %", "points", "lower",
            12, 5, (abs(inside - 80),), {"inside": inside},
        )  # fmt: skip
        yield Measure(
            f"outlook.{age}.error", "median error of the likely size", "", "lower", None, 0.31,
            (errors[len(errors) // 2],),
        )  # fmt: skip
        if age == outlooks.AGES[-1]:
            yield Measure(
                f"outlook.{age}.doubling", "order of the chances to double (AUC)", "", "higher",
                0.75, 0.83, (outlooks.order(told),),
            )  # fmt: skip


def main() -> int:
    named = os.environ.get("REPLYDESK_BENCH_DATA")
    if not named:
        sys.stderr.write(
            "Nothing was measured: name the folder with the data in REPLYDESK_BENCH_DATA "
            "(docs/performance.md says which data).\n"
        )
        return 2
    found = []
    for one in measure(Path(named)):
        sys.stdout.write(line(one) + "\n")
        sys.stdout.flush()
        found.append(one)
    save(Path("build/bench-alerts.json"), found, {"machine": machine()})
    missed = [one.name for one in found if one.meets(one.gate) is False]
    sys.stdout.write(f"Gates missed: {', '.join(missed) or 'none'}.\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
