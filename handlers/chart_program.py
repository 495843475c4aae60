"""Draws counts: JSON on standard input, a PNG on standard output. Run by `handlers.charting`.

{"counts": [3, 8], "minutes": 5, "usual": 2.5,
 "title": "", "counted": "", "usual_word": "", "ago": ""}
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from io import BytesIO
from typing import Any

INCHES = (6.0, 2.5)
DOTS = 160
COUNTED, USUAL, INK, GRID = "#2563eb", "#b45309", "#1f2937", "#d1d5db"
MINUTES_AN_HOUR = 60
TICKS = 6


def main() -> None:
    sys.stdout.buffer.write(drawn(json.load(sys.stdin.buffer)))


def drawn(told: dict[str, Any]) -> bytes:
    """Bars for the counts, the newest at the right, and a line at what is usual."""
    figure = import_module("matplotlib.figure").Figure(
        figsize=INCHES, dpi=DOTS, layout="constrained", facecolor="white"
    )
    axes, counts = figure.subplots(), told["counts"]
    axes.bar(range(len(counts)), counts, width=0.85, color=COUNTED, label=told["counted"])
    axes.axhline(told["usual"], color=USUAL, linestyle="--", linewidth=1.5)
    axes.plot([], [], color=USUAL, linestyle="--", label=told["usual_word"])
    axes.set_title(told["title"], fontsize=10, color=INK, loc="left")
    places = _ticks(len(counts))
    axes.set_xticks(places, [_ago((len(counts) - 1 - one) * told["minutes"]) for one in places])
    axes.set_xlabel(told["ago"], fontsize=8, color=INK)
    axes.tick_params(labelsize=8, colors=INK)
    axes.yaxis.get_major_locator().set_params(integer=True)
    axes.grid(axis="y", color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.legend(fontsize=8, frameon=False, loc="upper left")
    kept = BytesIO()
    figure.savefig(kept, format="png")
    return kept.getvalue()


def _ticks(count: int) -> list[int]:
    """Some of the bars, the newest among them."""
    step = max(1, -(-count // TICKS))
    return list(range(count - 1, -1, -step))[::-1]


def _ago(minutes: int) -> str:
    return f"{minutes // MINUTES_AN_HOUR}:{minutes % MINUTES_AN_HOUR:02}"


if __name__ == "__main__":
    main()
