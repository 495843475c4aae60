"""Counts as a picture: a line of blocks where there is only text, numbers where one can draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

BLOCKS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class Chart:
    """`counts` of so many minutes each, the oldest first; `usual` is what one of them usually is.

    `title` says what is drawn to whoever cannot see it.
    """

    counts: tuple[int, ...]
    minutes: int
    usual: float
    title: str


def sparkline(counts: Sequence[int]) -> str:
    """One block for each count, as high as its part of the greatest; nothing is the lowest."""
    most = max(counts, default=0)
    steps = len(BLOCKS) - 1
    # rounded up: what was said at all is seen
    return "".join(BLOCKS[-(-one * steps // most) if most else 0] for one in counts)
