"""A card on its way into a chat."""

from __future__ import annotations

from dataclasses import dataclass

from bot.cards.card import Card, Spans
from bot.cards.pages import HistoryLine
from bot.model.channel import Place
from bot.model.ids import PostKey
from bot.speech.speech import Speech


@dataclass(frozen=True, slots=True)
class Telling:
    """What happened since something was told last, oldest first, after `more` that are left out."""

    key: PostKey
    lines: tuple[HistoryLine, ...]
    more: int
    speech: Speech


@dataclass(frozen=True, slots=True)
class Posting:
    """`is_repeat`: an earlier posting of this card may stand in the chat; say so on it.

    `notice` stands above the card, in its language; a chat that can calls the members it names.
    """

    key: PostKey
    place: Place
    card: Card
    is_repeat: bool = False
    notice: Spans = ()
