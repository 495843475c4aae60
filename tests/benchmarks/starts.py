"""What `tests.benchmarks.footprint` finds, as measures: memory, idleness, the first webhook.

The demo and a desk with everything configured, killed and started in turn with the floor of a
start. Every webhook that was accepted must be stored.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from tests.benchmarks.footprint import found
from tests.benchmarks.result import Measure
from tests.benchmarks.stage import FULL
from tests.benchmarks.subjects import SUBJECTS

STARTS = 100 if FULL else 8
IDLE_SECONDS = 60.0 if FULL else 20.0
SAID: Mapping[str, tuple[str, str]] = {
    "rss_mib": ("resident memory, idle", "MiB"),
    "cpu_percent": ("of a core, idle", "%"),
    "first_hook_p99_s": ("from kill -9 to the first accepted webhook, p99", "s"),
}


async def measure() -> AsyncIterator[Measure]:
    told = await found(STARTS, IDLE_SECONDS, tuple(SUBJECTS))
    missing = {name: told[name]["missing"] for name in SUBJECTS}
    assert not any(missing.values()), f"accepted and not stored: {missing}"
    floor = told["floor"]
    for limit in told["limits"]:
        subject, _, figure = limit["what"].partition(".")
        what, unit = SAID[figure]
        yield Measure(
            f"footprint.{subject}.{figure}",
            f"{subject}: {what}",
            unit,
            "lower",
            limit["gate"],
            limit["goal"],
            (limit["value"],),
            {"subject": told[subject], "floor": floor, "starts": STARTS},
        )
