"""What an author said before and what others were told: what a card's look back shows."""

from __future__ import annotations

from dataclasses import dataclass

from bot.cards.card import Card, Link, Spans, Text, Untrusted, When
from bot.model.ids import CardToken, Moment
from bot.model.text import excerpt
from bot.speech.speech import ENGLISH, Speech

MOST_OF_NAME = 80


@dataclass(frozen=True, slots=True)
class SaidBeforeQuery:
    """Of the card of an item; `among` as of other queries."""

    token: CardToken
    among: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """An earlier item with what we answered; `ours` is empty where nobody did.

    `theirs` and `author` are untrusted, shown as text. `link` is our reply's where it has one,
    else the item's.
    """

    number: int
    at: Moment
    author: str
    theirs: str
    ours: str
    link: str
    use: str = ""
    """The data of a button that makes our reply the draft; empty where that cannot be."""

    @property
    def head(self) -> Spans:
        """When it was said, by whom, and the item's number."""
        name = excerpt(self.author, MOST_OF_NAME)
        who: Spans = (Link(name, self.link),) if self.link else (Untrusted(name),)
        return (When(self.at), Text(" "), *who, Text(f" · #{self.number}"))


@dataclass(frozen=True, slots=True)
class SaidBeforePage:
    """Newest first of the author, likest first of others. `card` as of a `CardPage`."""

    card: Card | None
    by_author: tuple[Said, ...] = ()
    to_others: tuple[Said, ...] = ()
    refusal: str = ""
    speech: Speech = ENGLISH
