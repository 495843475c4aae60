"""Text from outside, made safe to keep: nothing is interpreted and nothing that matters is lost."""

from __future__ import annotations

import re
import unicodedata

_SURROGATE = re.compile("[\ud800-\udfff]")
MAX_STORED = 200_000
"""Characters of one text that are kept; no network allows more."""


def storable(text: str) -> str:
    """Without NUL (PostgreSQL refuses it) and with lone surrogates replaced by U+FFFD."""
    cut = text[:MAX_STORED].replace("\x00", "")
    if cut.isascii():
        return cut
    return cut.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def is_storable(text: str) -> bool:
    """Whether `storable` would leave it, and every part of it, as it is."""
    if len(text) > MAX_STORED or "\x00" in text:
        return False
    return text.isascii() or not _SURROGATE.search(text)


def folded(text: str) -> str:
    """For comparing what we sent with what a network shows: NFC, white space collapsed."""
    return " ".join(unicodedata.normalize("NFC", storable(text)).split())


def excerpt(text: str, length: int) -> str:
    """At most `length` characters on one line, cut with an ellipsis."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def slugified(name: str, *, otherwise: str = "desk") -> str:
    """`Café Noir` becomes `cafe-noir`; what has no Latin letters becomes `otherwise`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60] or otherwise
