"""Stacks as a picture: time runs downwards from the threads, width is the share of all samples.

The same stacks give the same bytes. Boxes stand in the order of their names, ours in the colour of
their room and libraries in grey; a box too narrow to be seen is left out, and so many are left out
that the picture stays below `LARGEST`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape

Stack = tuple[str, ...]
"""From the thread to the function that ran; each `function (file)`."""

WIDTH, ROW, TOP = 1200, 16, 44
LETTER = 6.2
"""Pixels of a letter, about."""
LARGEST = 190_000
COLOURS = {
    "bot/store": "#8fb8de",
    "bot/services": "#f2c078",
    "bot/cards": "#e8a0a0",
    "bot/workers": "#a8d5a2",
    "bot/model": "#d9c9f0",
    "bot/": "#c5dfa0",
    "handlers": "#f0b4d2",
    "integrations": "#f5e08a",
}
LIBRARY = "#dddddd"


@dataclass(slots=True)
class Box:
    """A function called by the same callers; `samples` with all that it calls."""

    samples: int = 0
    calls: dict[str, Box] = field(default_factory=dict)


def tree(stacks: Mapping[Stack, int]) -> Box:
    root = Box()
    for stack, samples in stacks.items():
        root.samples += samples
        box = root
        for name in stack:
            box = box.calls.setdefault(name, Box())
            box.samples += samples
    return root


def draw(stacks: Mapping[Stack, int], title: str) -> str:
    """ValueError when there is nothing to draw."""
    root = tree(stacks)
    if not root.samples:
        raise ValueError("There is no sample to draw.")
    share = 0.001
    while len(picture := _picture(root, title, share)) > LARGEST:
        share *= 1.25
    return picture


def _picture(root: Box, title: str, share: float) -> str:
    boxes = list(_boxes(root, 0.0, 0, root.samples, share))
    height = TOP + ROW * (1 + max(depth for depth, _line in boxes))
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
            'font-family="monospace" font-size="10">',
            f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
            f'<text x="4" y="15" font-size="13">{escape(title)}</text>',
            *_legend(),
            *(line for _depth, line in boxes),
            "</svg>\n",
        ]
    )


def _legend() -> Iterator[str]:
    x = 4
    for room, colour in {**COLOURS, "libraries": LIBRARY}.items():
        name = "other of bot" if room == "bot/" else room
        yield f'<rect x="{x}" y="24" width="10" height="10" fill="{colour}"/>'
        yield f'<text x="{x + 14}" y="33">{name}</text>'
        x += 30 + int(len(name) * LETTER)


def _boxes(box: Box, left: float, depth: int, all_: int, share: float) -> Iterator[tuple[int, str]]:
    """(row, drawing) of whatever `box` called, from `left` pixels on."""
    for name, called in sorted(box.calls.items()):
        width = WIDTH * called.samples / all_
        if called.samples >= share * all_:
            yield depth, _drawn(name, called, left, width, depth, all_)
            yield from _boxes(called, left, depth + 1, all_, share)
        left += width


def _drawn(name: str, box: Box, left: float, width: float, depth: int, all_: int) -> str:
    y = TOP + ROW * depth
    fits = int((width - 4) / LETTER)
    said = name.partition(" (")[0][:fits] if fits >= 4 else ""
    text = f'<text x="{left + 2:.1f}" y="{y + 11}">{escape(said)}</text>' if said else ""
    percent = 100 * box.samples / all_
    return (
        f"<g><title>{escape(name)} {percent:.1f} %</title>"
        f'<rect x="{left:.1f}" y="{y}" width="{width:.1f}" height="{ROW - 1}" '
        f'fill="{_colour(name)}"/>{text}</g>'
    )


def _colour(name: str) -> str:
    file = name.partition(" (")[2]
    return next((colour for room, colour in COLOURS.items() if file.startswith(room)), LIBRARY)
