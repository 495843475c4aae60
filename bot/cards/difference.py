"""What changed from one text to the next, word by word, as spans that a chat can strike out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from bot.cards.card import Added, Removed, Span, Spans, Text, Untrusted

KEPT = 12
"""Words and spaces that are shown on either side of a change; what is between is left out."""
_GAP = Text(" … ")
_PIECES = re.compile(r"\s+|\S+")


def difference(before: str, after: str, most: int) -> Spans:
    """Words taken out and put in, with a few around them; `most` characters, then an ellipsis."""
    shown, room = list[Span](), most
    for span in _spans(_PIECES.findall(before), _PIECES.findall(after)):
        if len(span.text) > room:
            return (*shown, type(span)(span.text[:room]), Text("…"))
        shown.append(span)
        room -= len(span.text)
    return tuple(shown)


def _spans(old: Sequence[str], new: Sequence[str]) -> Iterator[Text | Untrusted | Removed | Added]:
    for does, begin, end, first, last in SequenceMatcher(None, old, new).get_opcodes():
        if does == "equal":
            yield from _same(old[begin:end], is_first=begin == 0, is_last=end == len(old))
            continue
        if begin < end:
            yield Removed("".join(old[begin:end]))
        if first < last:
            yield Added("".join(new[first:last]))


def _same(words: Sequence[str], *, is_first: bool, is_last: bool) -> Iterator[Text | Untrusted]:
    """As much of it as stands beside a change."""
    head, tail = 0 if is_first else KEPT, 0 if is_last else KEPT
    if len(words) <= head + tail + 1:
        yield Untrusted("".join(words))
        return
    if head:
        yield Untrusted("".join(words[:head]))
    yield _GAP
    if tail:
        yield Untrusted("".join(words[-tail:]))
