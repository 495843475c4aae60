"""`python -m tests.day`: a day passes, and what came of it is printed.

The exit code is 1 when a bound was broken.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

from tests.day.generator import Corpus
from tests.day.replay import replayed


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.day", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--comments", type=int, default=1_000)
    parser.add_argument("--corpus", type=Corpus, default=Corpus.FIRST, help="whose texts")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    given = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        report = asyncio.run(replayed(Path(folder), given.seed, given.comments, given.corpus))
    print(report.as_json() if given.json else report.as_table())
    for what in report.broken():
        print(f"Not kept: {what}.", file=sys.stderr)
    print(f"Seed {given.seed}, in {time.monotonic() - began:.0f} seconds.", file=sys.stderr)
    return 1 if report.broken() else 0


if __name__ == "__main__":
    sys.exit(main())
