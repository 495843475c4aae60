"""Comments on a card that stands for many: who, linked where it can be, and how it begins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.cards.card import Link, Span, Text, Untrusted
from bot.model.peak import Sample
from bot.model.text import excerpt

NAME, WORDS = 40, 100
"""Characters."""


def sample_lines(samples: Sequence[Sample]) -> Iterator[Span]:
    for place, one in enumerate(samples):
        if place:
            yield Text("\n")
        author = excerpt(one.author, NAME)
        yield Link(author, one.permalink) if one.permalink else Untrusted(author)
        yield Text(": ")
        yield Untrusted(excerpt(one.text, WORDS))
