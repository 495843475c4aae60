"""Cutting what is too long for a chat, without parting a letter from its accents.

Numbers are characters as Python counts them. Each front end has its own limits and its own order
in which things give way.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from bot.cards.card import (
    Added,
    Bold,
    Link,
    MemberName,
    Removed,
    Span,
    Spans,
    Text,
    Untrusted,
    When,
)

_MOMENT = 16
"""Characters that a moment takes at most, drawn in figures."""


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, not parting a letter from its accents or an emoji's pieces."""
    if len(text) <= limit:
        return text
    end = max(limit - 1, 0)
    while end > 0 and _joins_what_is_before(text, end):
        end -= 1
    return text[:end].rstrip() + "…"


def shortened(spans: Spans, limit: int) -> Spans:
    """The first `limit` characters, ended by an ellipsis when something was cut."""
    kept: list[Span] = []
    left = limit
    for span in spans:
        length = _length_of(span)
        if length > left:
            kept.append(_cut_span(span, left))
            break
        kept.append(span)
        left -= length
    return tuple(kept)


def length(spans: Sequence[Span]) -> int:
    """Characters that spans show together."""
    return sum(map(_length_of, spans))


def _joins_what_is_before(text: str, at: int) -> bool:
    here, before = text[at], text[at - 1]
    return "\u200d" in (here, before) or unicodedata.combining(here) > 0 or here == "\ufe0f"


def _length_of(span: Span) -> int:
    match span:
        case When():
            return _MOMENT
        case MemberName(name=name):
            return len(name) + 1
        case _:
            return len(span.text)


def _cut_span(span: Span, limit: int) -> Span:
    match span:
        case Text() | Bold() | Link() | Untrusted() | Removed() | Added():
            return replace(span, text=cut(span.text, limit))
        case MemberName():
            return replace(span, name=cut(span.name, limit))
        case When():
            return Text("…")
