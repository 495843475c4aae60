"""Words as they were meant: `sooo`, `thnak you`, `mercii`.

People draw letters out, type them twice and swap neighbours, most of all where they say little.
A word is taken for the known one that it is a slip of; any other stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

LEAST_DRAWN = 3
LEAST_SWAPPED = 4
"""Letters of a word that can be a slip; a shorter one is another word."""


class Slips:
    """`words` are folded, as those that are looked up."""

    def __init__(self, words: Iterable[str]) -> None:
        self._known = frozenset(words)
        self._drawn_in = {_drawn_in(word): word for word in sorted(self._known)}

    def meant(self, word: str) -> str:
        if word in self._known or len(word) < LEAST_DRAWN:
            return word
        found = self._drawn_in.get(_drawn_in(word))
        if found is None and len(word) >= LEAST_SWAPPED:
            found = next((one for one in _swapped(word) if one in self._known), None)
        return found or word


def _drawn_in(word: str) -> str:
    """Each letter once where it stands several times in a row."""
    drawn = word[:1] + "".join(after for before, after in pairwise(word) if after != before)
    return word if drawn == word else drawn


def _swapped(word: str) -> Iterable[str]:
    for at in range(len(word) - 1):
        yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]
