"""`python -m tests.chaos`: kills the desk again and again, and judges what came out of it.

Slices that have a result in the file are not run again, so a full run may take several sittings.
The seed of the plan is printed; with `--seed` and `--only` one slice is played once more.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import secrets
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from tests.chaos.ground import Grounds, prepared
from tests.chaos.plan import Form, Slice, plan
from tests.chaos.report import complaints, table
from tests.chaos.results import Result, append, broken, left, read, result_of
from tests.chaos.stage import Stage

FOLDER = Path("chaos-results")
FULL_SEED = 20_261_129
"""One plan for all sittings of a full run."""


@dataclass(frozen=True, slots=True)
class Sitting:
    form: Form
    seed: int
    path: Path
    until: float
    """On the monotonic clock: no slice is begun after this."""
    grounds: Grounds

    async def run(self, slices: list[Slice], jobs: int) -> None:
        waiting = iter(slices)
        await asyncio.gather(*(self._work(waiting) for _ in range(jobs)))

    async def _work(self, waiting: Iterator[Slice]) -> None:
        for slice_ in waiting:
            if time.monotonic() > self.until:
                return
            result = await self._play(slice_)
            append(self.path, result)
            _say(result)

    async def _play(self, slice_: Slice) -> Result:
        with self.grounds.of(slice_.house) as ground:
            try:
                played = await Stage(slice_, ground).play()
            except (AssertionError, aiohttp.ClientError, OSError) as error:
                # a run of hours does not end because one desk could not be looked at
                return broken(self.form, self.seed, slice_, f"{error!r}"[-2_000:])
        if played.said:
            log = self.path.with_suffix(f".{slice_.name.replace('/', '-')}.log")
            log.write_text(played.said, encoding="utf-8")
        return result_of(self.form, self.seed, slice_, played)


def _say(result: Result) -> None:
    word = "ok" if result.is_good else "FAULT"
    told = result.broken or result.evidence or ""
    sys.stdout.write(
        f"{word:5} {result.name:28} {result.deaths + result.pauses:3} deaths "
        f"{result.items:4} items {result.seconds:6.1f} s {told}\n"
    )
    sys.stdout.flush()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--form", choices=list(Form), default=Form.NORMAL, type=Form)
    parser.add_argument("--only", default="", help="slices whose name contains this")
    parser.add_argument("--seconds", type=float, default=1e9, help="begin nothing after this")
    parser.add_argument("--seed", type=int, help="of the plan; repeats the choices of another run")
    parser.add_argument("--results", type=Path, help="the file that results are appended to")
    parser.add_argument("--jobs", type=int, default=2, help="slices at a time")
    return parser.parse_args()


def main() -> int:
    wanted = arguments()
    form = wanted.form
    seed = wanted.seed
    if seed is None:
        seed = FULL_SEED if form is Form.FULL else secrets.randbelow(2**32)
    FOLDER.mkdir(exist_ok=True)
    path = wanted.results or FOLDER / (
        "full.jsonl" if form is Form.FULL else f"{form}-{seed}.jsonl"
    )
    everything = [one for one in plan(form, seed) if wanted.only in one.name]
    slices = left(everything, read(path), form, seed)
    sys.stdout.write(f"seed {seed}, {len(slices)} of {len(everything)} slices, results in {path}\n")
    # the network's own server complains of every client that dies
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    with prepared({one.house for one in slices}) as grounds:
        sitting = Sitting(form, seed, path, time.monotonic() + wanted.seconds, grounds)
        asyncio.run(sitting.run(slices, wanted.jobs))
    results = [one for one in read(path) if (one.form, one.plan_seed) == (form, seed)]
    sys.stdout.write(f"\n{table(results)}\n")
    found = complaints(results)
    sys.stdout.writelines(f"\n{line}\n" for line in found)
    still = len(left(everything, results, form, seed))
    if still:
        sys.stdout.write(f"\n{still} slices are left; run this again to go on.\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
