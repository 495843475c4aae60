"""`python -m tests.benchmarks.flame`: where the desk's time goes while webhooks become cards.

    python -m tests.benchmarks.flame [--rate 100] [--seconds 15] [--postgres] [--out FILE]

A desk as the other benchmarks run it gets signed webhooks at a steady rate. py-spy looks at all of
its threads 250 times a second, without stopping it, and keeps those that run; what it saw is drawn
as docs/images/hot-path.svg. py-spy is a tool for developers and in no lock: `pip install py-spy`,
or PY_SPY names it. It may have to be allowed to look at another process.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.cards import latencies
from tests.benchmarks.flame_svg import Stack, draw
from tests.benchmarks.latency import Numbers
from tests.benchmarks.stage import POSTGRES, SQLITE, desk_on
from tests.e2e.process import ROOT

PICTURE = ROOT / "docs" / "images" / "hot-path.svg"
LOOKS = 250
"""A second."""
WARM = 300
_FRAME = re.compile(r"(?P<function>.*) \((?P<file>.*?)(?::\d+)?\)")
_THREAD = re.compile(r"thread \(\w+\): (?P<name>.*?)[-_]?\d*")
_TOPS = ("BaseEventLoop._run_once (asyncio/base_events.py)", "Thread.run (threading.py)")
"""What is above a turn of the event loop, or of a thread's work, is the same in every stack."""
_WAITS = {
    "EpollSelector.select (selectors.py)",
    "_worker (concurrent/futures/thread.py)",
    "Writer._take (bot/store/writer.py)",
}
"""Who stands here has nothing to do, though py-spy cannot always tell."""


async def record(kind: str, rate: float, seconds: float) -> Counter[Stack]:
    """The stacks of a desk's threads under load, and how often each was seen."""
    numbers = Numbers()
    with tempfile.TemporaryDirectory(prefix="replydesk-flame-") as folder:
        seen = Path(folder) / "stacks"
        async with desk_on(kind) as stage:
            world, port = stage.world, stage.desk.port
            await latencies(world, port, numbers.take(WARM), rate, by_desk=True)
            spy = await asyncio.create_subprocess_exec(
                _py_spy(), "record", "--pid", str(stage.desk.process), "--format", "raw",
                "--threads", "--function", "--rate", str(LOOKS), "--duration", str(int(seconds)),
                "--output", str(seen), stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
            )  # fmt: skip
            count = int(rate * seconds)
            said, _done = await asyncio.gather(
                spy.communicate(), latencies(world, port, numbers.take(count), rate, by_desk=True)
            )
        if spy.returncode:
            raise SystemExit(f"py-spy could not look at the desk: {said[1].decode()}")
        return read(seen.read_text(encoding="utf-8"))


def _py_spy() -> str:
    beside = Path(sys.executable).with_name("py-spy")
    found = os.environ.get("PY_SPY") or shutil.which("py-spy") or shutil.which(beside)
    if found is None:
        raise SystemExit("py-spy is not here. Get it with `pip install py-spy`, or set PY_SPY.")
    return found


def read(raw: str) -> Counter[Stack]:
    """py-spy's raw format, a line for each stack: `frame;frame;... samples`."""
    stacks: Counter[Stack] = Counter()
    for line in raw.splitlines():
        frames, _, samples = line.rpartition(" ")
        thread, *calls = frames.split(";")
        named = [_named(frame) for frame in calls]
        if named and named[-1] in _WAITS:
            continue
        for top in _TOPS:
            if top in named:
                named = named[named.index(top) + 1 :]
        stacks[(_thread(thread), *named)] += int(samples)
    return stacks


def _thread(said: str) -> str:
    """Threads of a kind are one: `store-reader_1` and `store-reader_0`."""
    found = _THREAD.fullmatch(said)
    name = found["name"] if found else said
    return "event loop" if name == "MainThread" else name


def _named(frame: str) -> str:
    found = _FRAME.fullmatch(frame)
    return f"{found['function']} ({found['file']})" if found else frame


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="flame", description=__doc__)
    parser.add_argument("--rate", type=float, default=100.0, help="webhooks a second")
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--out", type=Path, default=PICTURE)
    asked = parser.parse_args(arguments)
    kind = POSTGRES if asked.postgres else SQLITE
    stacks = asyncio.run(record(kind, asked.rate, asked.seconds))
    title = f"replydesk on {kind}, {asked.rate:g} webhooks a second that become cards"
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(draw(stacks, title), encoding="utf-8")
    sys.stdout.write(f"{stacks.total()} samples; the picture is {asked.out}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
