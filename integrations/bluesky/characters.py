"""How many characters a text has for a reader, as Bluesky's server counts them.

The tables of Unicode for that are 3 MiB in memory. Plain ASCII needs none of them, so a desk reads
them with the first text that holds anything else.
"""

from __future__ import annotations

from importlib import import_module


def characters_in(text: str) -> int:
    """Grapheme clusters; of ASCII only a line's end of two signs is one."""
    if text.isascii():
        return len(text) - text.count("\r\n")
    return len(import_module("pyuegc").EGC(text))
