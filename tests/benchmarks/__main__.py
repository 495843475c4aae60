"""`python -m tests.benchmarks [NAME ...]`: the numbers of the design, beside their floors.

Writes what it found to `build/bench.json` (or what BENCH_RESULT names), for
`python -m tests.benchmarks.compare OLD NEW`.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
import traceback
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path

from tests.benchmarks import accept, cards, clicks, drain, ingest, million, starts
from tests.benchmarks.result import Measure, line, machine, save

Benchmark = Callable[[], AsyncIterator[Measure]]
BENCHMARKS: Mapping[str, Benchmark] = {
    "accept": accept.measure,
    "event_to_card": cards.measure,
    "click_to_publish": clicks.measure,
    "sustained": cards.measure_sustained,
    "burst": cards.measure_burst,
    "ingest": ingest.measure,
    "drain": drain.measure,
    "million": million.measure,
    "footprint": starts.measure,
}


async def run(names: Sequence[str]) -> tuple[list[Measure], list[str]]:
    """What was found, and which benchmarks broke."""
    found: list[Measure] = []
    broken: list[str] = []
    for name in names:
        try:
            async for measure in BENCHMARKS[name]():
                _say(line(measure))
                found.append(measure)
        except Exception:  # noqa: BLE001 - the others are measured all the same
            traceback.print_exc()
            _say(f"{name} broke; what it found before counts")
            broken.append(name)
    return found, broken


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def main(arguments: Sequence[str]) -> int:
    unknown = set(arguments) - BENCHMARKS.keys()
    if unknown:
        sys.stderr.write(f"There is no {sorted(unknown)}; there are: {', '.join(BENCHMARKS)}.\n")
        return 2
    about = {"machine": machine(), "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
    begun = time.monotonic()
    found, broken = asyncio.run(run(list(arguments) or list(BENCHMARKS)))
    path = Path(os.environ.get("BENCH_RESULT", "build/bench.json"))
    seconds = round(time.monotonic() - begun)
    save(path, found, about | {"seconds": seconds, "broken": broken})
    _say(f"{seconds} s; the result is in {path}.")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
