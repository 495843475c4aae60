"""Runs replydesk under a wall clock that a test sets: `python -m tests.e2e.shifted_clock ...`.

REPLYDESK_TEST_CLOCK names a file with the seconds by which the clock is wrong; it is read at
every look at the clock, so a test makes it jump by writing. No time passes by that: the
monotonic clock is left alone, as the operating system leaves it when somebody sets the time.
"""

import os
import time
from pathlib import Path

_right_ns = time.time_ns
_shift = Path(os.environ["REPLYDESK_TEST_CLOCK"])


def _wrong_ns() -> int:
    return _right_ns() + int(float(_shift.read_text(encoding="ascii")) * 1_000_000_000)


def main() -> int:
    time.time_ns = _wrong_ns
    time.time = lambda: _wrong_ns() / 1_000_000_000
    # only now: a module that keeps the function itself must keep this one
    from bot.cli import main as replydesk  # noqa: PLC0415

    return replydesk()


if __name__ == "__main__":
    raise SystemExit(main())
