"""From our named terms to the driver's parameters, in the order in which the SQL asks for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

Terms = Mapping[str, Any]
Arguments = Sequence[Any]
Convert = Callable[[Any], Any]


class Binding:
    """`asked` are the names in their places, `constants` what the statement says itself."""

    __slots__ = ("_asked", "_constants", "_converts", "_pick")

    def __init__(
        self, asked: Sequence[str], constants: Terms, converts: Mapping[str, Convert]
    ) -> None:
        self._asked = asked
        self._constants = dict(constants)
        self._converts = [
            (place, converts[name]) for place, name in enumerate(asked) if name in converts
        ]
        self._pick: Callable[[Terms], Arguments] = (
            itemgetter(*asked) if len(asked) > 1 else lambda terms: [terms[name] for name in asked]
        )

    def one(self, terms: Terms) -> Arguments:
        picked = self._pick({**self._constants, **terms} if self._constants else terms)
        if not self._converts:
            return picked
        values = list(picked)
        for place, convert in self._converts:
            values[place] = convert(values[place])
        return values

    def many(self, rows: Sequence[Terms]) -> list[Arguments]:
        """Column by column, which costs half as much as row by row."""
        columns: list[list[Any]] = [
            [self._constants[name]] * len(rows)
            if name in self._constants
            else [row[name] for row in rows]
            for name in self._asked
        ]
        for place, convert in self._converts:
            columns[place] = _converted(columns[place], convert)
        return list(zip(*columns, strict=True))


def _converted(values: Sequence[Any], convert: Convert) -> list[Any]:
    """What stands in many rows, as the facts of a page of events do, is converted once."""
    last = made = object()
    found = []
    for value in values:
        if value is not last:
            last, made = value, convert(value)
        found.append(made)
    return found
