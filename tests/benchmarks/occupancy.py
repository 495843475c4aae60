"""What a process occupies, read from Linux's /proc."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass
from pathlib import Path

KIB = 1024
_FIELD = re.compile(r"^(Rss|Pss|Pss_Anon):\s+(\d+) kB$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Memory:
    """MiB: resident, resident with shared pages divided among their users, and not from files."""

    rss: float
    pss: float
    anonymous: float


def memory(pid: int) -> Memory:
    said = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    found = {name: round(int(kib) / KIB, 1) for name, kib in _FIELD.findall(said)}
    return Memory(found["Rss"], found["Pss"], found["Pss_Anon"])


def threads(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


def processor_seconds(pid: int) -> float:
    """Of all its threads that live, to the nanosecond: a clock tick is too coarse for idleness."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    spent = (int((task / "schedstat").read_text(encoding="ascii").split()[0]) for task in tasks)
    return sum(spent) / 1e9


async def processor_percent(pid: int, seconds: float) -> float:
    """Of one core, on average over so many seconds from now."""
    before, begun = processor_seconds(pid), time.monotonic()
    await asyncio.sleep(seconds)
    spent = processor_seconds(pid) - before
    return round(100 * spent / (time.monotonic() - begun), 3)
