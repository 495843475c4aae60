"""What a start costs and what an idle desk holds: the first webhook after a kill, memory, idleness.

    python -m tests.benchmarks.footprint [--starts 5] [--idle 60] [--only demo]

Each subject is the real program, in a process and a folder of its own. Its first start makes the
data and Python's bytecode and is not counted. Then it is killed with SIGKILL and started again at
once, so many times; seconds run from the kill to the first 200 to a signed webhook, and each that
was accepted must stand in the database at the end, or it is counted as missing. The processor time
that a start took until then is told too: other programs do not change it. The last process
has shown its pages and written a draft before it is left alone and its memory and processor time
are read; the demo's customers go on writing, a comment in about thirty seconds. The floor is the
shortest aiohttp program that accepts a POST, started and killed in turn with the others.

Prints one JSON object. Linux only: it reads /proc. Run it on a quiet machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from integrations.sandbox.hooks import signed_headers
from tests.benchmarks.occupancy import memory, processor_percent, processor_seconds, threads
from tests.benchmarks.subjects import SUBJECTS, Subject
from tests.e2e.deliveries import delivery
from tests.e2e.process import HOOK_SECRET, DeskProcess, running

STARTS, STARTS_AT_MOST = 5, 200
IDLE_SECONDS, IDLE_AT_MOST = 60.0, 600.0
SETTLE_SECONDS = 8.0
"""From the first webhook until everything that it caused is done and the last module is loaded."""
ACCEPT_SECONDS = 60.0
RETRY_SECONDS = 0.002

# what DESIGN asks for: (gate, goal)
LIMITS = {
    ("demo", "rss_mib"): (90.0, 70.0),
    ("demo", "cpu_percent"): (0.5, 0.1),
    ("demo", "first_hook_p99_s"): (1.5, 0.8),
    ("everything", "rss_mib"): (150.0, 110.0),
    ("everything", "first_hook_p99_s"): (2.5, 1.2),
}


@dataclass(slots=True)
class Record:
    """What was seen of one subject."""

    subject: Subject
    seconds: list[float] = field(default_factory=list)
    """From each kill to the first accepted webhook."""
    processor: list[float] = field(default_factory=list)
    """Seconds of processor time that each new process had used by then."""
    accepted: list[str] = field(default_factory=list)
    idle: dict[str, float] = field(default_factory=dict)


def measure(
    starts: int = STARTS, idle_seconds: float = IDLE_SECONDS, only: Sequence[str] = ()
) -> dict[str, Any]:
    """Blocks for about `idle_seconds` and a few seconds for each start; see the module."""
    return asyncio.run(found(starts, idle_seconds, tuple(only) or tuple(SUBJECTS)))


async def found(starts: int, idle_seconds: float, names: Sequence[str]) -> dict[str, Any]:
    """As `measure`, for who is in an event loop already."""
    async with AsyncExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="footprint-")))
        http = await stack.enter_async_context(_client())
        records = []
        for name in names:
            folder = root / name
            folder.mkdir()
            subject = await stack.enter_async_context(SUBJECTS[name](folder))
            records.append(Record(subject))
        for record in records:
            await _first_start(record, http)
        for _ in range(starts):
            for record in records:
                await _kill_and_start(record, http)
        await asyncio.gather(*(_idle(record, http, idle_seconds) for record in records))
        return _told(records, starts, idle_seconds)


def _client() -> aiohttp.ClientSession:
    """A connection for each try, as a network that delivers again would make."""
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True))


async def _first_start(record: Record, http: aiohttp.ClientSession) -> None:
    """Makes the data, the bytecode, and the account known, so that a hook becomes an item."""
    subject = record.subject
    async with _started(subject) as process:
        deadline = time.monotonic() + ACCEPT_SECONDS
        while not subject.stored([await _accepted(subject, process, http)]):
            assert time.monotonic() < deadline, f"The account is never known: {process.said}"
            await asyncio.sleep(0.2)


async def _kill_and_start(record: Record, http: aiohttp.ClientSession) -> None:
    async with _started(record.subject) as process:
        # up, and at work
        record.accepted.append(await _accepted(record.subject, process, http))
        killed_at = time.monotonic()
        await process.kill()
    async with _started(record.subject) as process:
        record.accepted.append(await _accepted(record.subject, process, http))
        record.seconds.append(time.monotonic() - killed_at)
        record.processor.append(processor_seconds(process.pid))


async def _idle(record: Record, http: aiohttp.ClientSession, seconds: float) -> None:
    async with _started(record.subject) as process:
        subject = record.subject
        record.accepted.append(await _accepted(subject, process, http))
        for page in subject.pages:
            async with http.get(subject.hook.partition("/hooks/")[0] + page) as answer:
                assert answer.status == 200, f"{page} answered {answer.status}: {process.said}"
                await answer.read()
        await asyncio.sleep(SETTLE_SECONDS)
        before = memory(process.pid)
        percent = await processor_percent(process.pid, seconds)
        after = max(before, memory(process.pid), key=lambda one: one.rss)
        record.idle = {
            "rss_mib": after.rss,
            "pss_mib": after.pss,
            "anonymous_mib": after.anonymous,
            "threads": threads(process.pid),
            "cpu_percent": percent,
        }


def _started(subject: Subject) -> Any:
    return running(
        subject.folder,
        *subject.words,
        environment=subject.environment,
        program=subject.program,
        name=subject.name,
    )


async def _accepted(subject: Subject, process: DeskProcess, http: aiohttp.ClientSession) -> str:
    """Deliver one new comment until it is accepted; its id on the network."""
    body = delivery("Where is my parcel? It was promised for Tuesday.")
    deadline = time.monotonic() + ACCEPT_SECONDS
    while time.monotonic() < deadline:
        assert process.is_alive, f"It ended instead of serving: {process.said}"
        headers = signed_headers(HOOK_SECRET, int(time.time() * 1000), "d1", body)
        try:
            async with http.post(subject.hook, data=body, headers=headers) as answer:
                if answer.status == 200:
                    return str(json.loads(body)["events"][0]["comment"]["id"])
        except aiohttp.ClientError:
            pass
        await asyncio.sleep(RETRY_SECONDS)
    raise AssertionError(f"No webhook was accepted: {process.said}")


def _told(records: Sequence[Record], starts: int, idle_seconds: float) -> dict[str, Any]:
    told: dict[str, Any] = {one.subject.name: _figures(one) for one in records}
    return {
        "benchmark": "footprint",
        "starts": starts,
        "idle_seconds": idle_seconds,
        "machine": _machine(),
        **told,
        "limits": [asdict(limit) for limit in _limits(told)],
    }


def _figures(record: Record) -> dict[str, Any]:
    stored = record.subject.stored(record.accepted)
    seconds = sorted(record.seconds)
    return {
        **record.idle,
        "first_hook_p50_s": round(statistics.median(seconds), 3) if seconds else None,
        "first_hook_p99_s": round(_percentile(seconds, 0.99), 3) if seconds else None,
        "first_hook_s": [round(one, 3) for one in record.seconds],
        "first_hook_cpu_p50_s": round(statistics.median(record.processor), 3) if seconds else None,
        "accepted": len(record.accepted),
        "missing": len(set(record.accepted) - stored),
    }


def _percentile(ordered: Sequence[float], share: float) -> float:
    """The nearest rank: of fewer than a hundred the largest."""
    return ordered[min(len(ordered), math.ceil(share * len(ordered))) - 1]


@dataclass(frozen=True, slots=True)
class Limit:
    what: str
    value: float
    gate: float
    goal: float
    reached: str


def _limits(told: dict[str, Any]) -> list[Limit]:
    return [
        Limit(f"{subject}.{figure}", value, gate, goal, _reached(value, gate, goal))
        for (subject, figure), (gate, goal) in LIMITS.items()
        if subject in told and (value := told[subject].get(figure)) is not None
    ]


def _reached(value: float, gate: float, goal: float) -> str:
    if value <= goal:
        return "goal"
    return "gate" if value <= gate else "neither"


def _machine() -> dict[str, Any]:
    return {
        "system": platform.platform(),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
    }


def main(argv: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="footprint", description=__doc__)
    parser.add_argument("--starts", type=int, default=STARTS)
    parser.add_argument("--idle", type=float, default=IDLE_SECONDS, metavar="SECONDS")
    parser.add_argument("--only", action="append", choices=sorted(SUBJECTS), default=[])
    asked = parser.parse_args(argv)
    starts = max(0, min(asked.starts, STARTS_AT_MOST))
    idle_seconds = max(0.0, min(asked.idle, IDLE_AT_MOST))
    print(json.dumps(measure(starts, idle_seconds, asked.only)))


if __name__ == "__main__":
    main(sys.argv[1:])
