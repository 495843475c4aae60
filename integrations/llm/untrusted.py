"""What strangers wrote, made fit to be data in a prompt: visible, short, and a JSON string."""

from __future__ import annotations

import json
import unicodedata

MOST_COMMENT = 2_000
MOST_CONTEXT = 1_000
MOST_NAME = 100

_ZERO_WIDTH_JOINER = "\u200d"
_SPACES = frozenset({"Zs", "Zl", "Zp"})
_DROPPED = frozenset({"Cf", "Cc"})


def as_data(text: str, limit: int) -> str:
    """The first `limit` visible characters as a JSON string on one line.

    Bidirectional, zero-width and control characters are gone (a joiner stays: it holds emoji
    together), lone surrogates are replaced, every kind of space is a plain one.
    """
    return json.dumps(_visible(text, limit), ensure_ascii=False)


def _visible(text: str, limit: int) -> str:
    # Twice the limit is enough to look at: nobody hides more characters than they show by accident.
    clean = "".join(map(_cleaned, text[: limit * 2])).strip()
    shown = unicodedata.normalize("NFC", clean)
    return shown if len(shown) <= limit else shown[: limit - 1].rstrip() + "\u2026"


def _cleaned(character: str) -> str:
    if character in {"\n", _ZERO_WIDTH_JOINER}:
        return character
    category = unicodedata.category(character)
    if category in _SPACES or character in "\t\r":
        return " "
    if category == "Cs":
        return "\ufffd"
    return "" if category in _DROPPED else character
