"""How much of all that could fail a run goes through: everything with FULL=1, else a sample.

REPLYDESK_SEED repeats the sample of an earlier run; every run prints its own.
"""

from __future__ import annotations

import itertools
import os
import secrets
from collections.abc import Iterator

from tests.e2e.process import report

IS_FULL = os.environ.get("FULL") == "1"
IS_WHOLE = IS_FULL or os.environ.get("REPLYDESK_EVERY_K") == "1"
"""`make test-slow` sets it, and goes through all of what `make test-servers` samples."""
SEED = int(os.environ.get("REPLYDESK_SEED") or secrets.randbelow(2**32))


def every_k(step: int = 1) -> Iterator[int]:
    """1, 2, 3, ...; of every `step` of them one, unless the run is a full one.

    The caller stops at the first k at which nothing failed.
    """
    if IS_FULL or step == 1:
        return itertools.count(1)
    report(f"REPLYDESK_SEED={SEED}")
    return itertools.count(1 + SEED % step, step)
