"""How alike two comments are: the words that they share, the rarer the heavier. Pure.

Words count by their first letters, so that `refund` and `refunded`, `colis` and `colisul` are one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from math import log, sqrt

from bot.services.searching import words_of

STEM = 5
"""Letters by which a word counts."""
SHORTEST = 4
"""Letters of the shortest word that counts."""
ALIKE = 0.2
"""From here on two comments are about the same."""


def stems_of(text: str) -> frozenset[str]:
    return frozenset(word[:STEM] for word in words_of(text) if len(word) >= SHORTEST)


def likest(text: str, others: Mapping[int, str], most: int) -> list[int]:
    """Keys of those that are about the same, the likest first."""
    wanted = stems_of(text)
    found = {key: stems_of(other) for key, other in others.items()}
    weights = _weights(found.values())
    scores = {key: _likeness(wanted, stems, weights) for key, stems in found.items()}
    alike = [key for key, score in scores.items() if score >= ALIKE]
    return sorted(alike, key=lambda key: (-scores[key], -key))[:most]


def _weights(found: Collection[frozenset[str]]) -> Mapping[str, float]:
    counts = Counter(stem for stems in found for stem in stems)
    return {stem: log(1 + len(found) / count) for stem, count in counts.items()}


def _likeness(one: frozenset[str], other: frozenset[str], weights: Mapping[str, float]) -> float:
    """The cosine of both; a word that nobody else used says nothing against likeness."""
    shared, mine, theirs = (
        sum(weights.get(stem, 0.0) for stem in stems) for stems in (one & other, one, other)
    )
    return shared / sqrt(mine * theirs) if shared else 0.0
