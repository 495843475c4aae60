"""Shapes of answers: which fields there are and of what kind, whatever they say.

A file of `tests/fixtures/recorded` is either what `replydesk smoke --record` wrote, or shapes that
a vendor publishes. A fake may answer less than the service does, but nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ANYTHING = "anything"
RECORDED = Path(__file__).parents[1] / "fixtures" / "recorded"

Shape = Any
"""A word for a leaf, a dictionary of shapes, or a list with the shape of each of its things."""


def shape_of(thing: Any) -> Shape:
    match thing:
        case dict():
            return {key: shape_of(value) for key, value in thing.items()}
        case list():
            return [merged([shape_of(one) for one in thing])]
        case bool():
            return "truth"
        case int() | float():
            return "number"
        case None:
            return ANYTHING
        case _:
            return "text"


def merged(shapes: list[Shape]) -> Shape:
    """One shape that has the fields of all."""
    if not shapes:
        return ANYTHING
    first = shapes[0]
    if all(isinstance(one, dict) for one in shapes):
        keys = {key for one in shapes for key in one}
        return {key: merged([one[key] for one in shapes if key in one]) for key in keys}
    if all(isinstance(one, list) for one in shapes):
        return [merged([one[0] for one in shapes])]
    return first if all(one == first for one in shapes) else ANYTHING


def answers_in(document: Any) -> dict[str, Shape]:
    """By call, whether it was recorded or published."""
    if "answers" in document:
        return dict(document["answers"])
    seen: dict[str, list[Shape]] = {}
    for one in document["exchanges"]:
        seen.setdefault(one["call"], []).append(shape_of(one["answer"]))
    return {call: merged(shapes) for call, shapes in seen.items()}


def recorded(name: str) -> dict[str, Shape]:
    """What the services answer, as far as it is known."""
    return answers_in(json.loads((RECORDED / f"{name}.json").read_text("utf-8")))


def strangers(fake: Shape, real: Shape, where: str = "") -> Iterator[str]:
    """Everything that a fake answers and the service does not."""
    if ANYTHING in (fake, real):
        return
    if isinstance(fake, dict) and isinstance(real, dict):
        for key, shape in fake.items():
            if key in real:
                yield from strangers(shape, real[key], f"{where}.{key}")
            else:
                yield f"{where}.{key} is no field of it"
    elif isinstance(fake, list) and isinstance(real, list):
        yield from strangers(fake[0], real[0], f"{where}[]")
    elif fake != real:
        yield f"{where} is {real}, not {fake}"
