"""What a person reads of a message, a view or a page: its words alone, in order.

Moments and chances are masked, so that what is kept of a screen is the same on any day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

_SPOKEN = ("aria-label", "title", "placeholder", "alt", "data-confirm", "data-hint")
_SILENT = frozenset({"script", "style", "svg"})
_MOMENTS = (
    (re.compile(r"<!date\^\d+\^[^|]*\|[^>]*>"), "«moment»"),
    (re.compile(r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?)?"), "«moment»"),
    (re.compile(r"\b\d{1,2}:\d\d(?::\d\d)?\b"), "«time»"),
    (re.compile(r"\b[0-9A-Z]{5}-[0-9A-Z]{5}\b"), "«code»"),
    (re.compile(r"\b[0-9a-f]{12}\b"), "«hash»"),
    (re.compile(r"\b([a-z_]+)\.[A-Za-z0-9]{12}\.\d+"), r"\1.«token»"),
)

_DAY = re.compile(r"(?:[^\W\d_]{2,4}\.?,? \d{1,2} [^\W\d_]{3,5}\.?,? )?«time»")


def masked(text: str) -> str:
    for kind, name in _MOMENTS:
        text = kind.sub(name, text)
    return " ".join(text.split())


def undated(text: str) -> str:
    """Where the clock is the real one, and days pass too."""
    return _DAY.sub("«moment»", masked(text))


def words_of(thing: Any) -> list[str]:
    """Of blocks or a view: every text in it, menus and confirmations included."""
    return [masked(one) for one in _texts(thing) if one.strip()]


def _texts(thing: Any) -> Iterator[str]:
    if isinstance(thing, list):
        for one in thing:
            yield from _texts(one)
    elif isinstance(thing, dict):
        for name, value in thing.items():
            if name in {"text", "initial_value", "accessibility_label"} and isinstance(value, str):
                yield value
            else:
                yield from _texts(value)


def words_on(page: str) -> list[str]:
    """Of a page or a piece of one: its texts, and what is only spoken or shown on a hover."""
    reader = _Reader()
    reader.feed(page)
    return [masked(one) for one in reader.found if one.strip()]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in _SILENT
        self.found += [value for name, value in attrs if name in _SPOKEN and value]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in _SILENT

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.found.append(data)
