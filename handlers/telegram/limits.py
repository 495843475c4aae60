"""What fits into one message of Telegram, and what gives way first when it is too much.

Telegram counts a text in UTF-16 units after its entities are parsed. Buttons, rows and data have
limits of their own. Nothing is lost: what was cut can be had whole by a button of the card, and an
editor is always given the whole draft.

Source: https://core.telegram.org/bots/api and https://limits.tginfo.me (2026-06).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.cards.card import Card
from handlers.shortening import cut, length, shortened

TEXT = 4096
BUTTON_DATA = 64
"""Bytes."""
BUTTONS = 100
BUTTONS_IN_A_ROW = 8
TOAST = 200
"""Characters of what a person is told about their press."""
TOPIC_NAME = 128
PLACEHOLDER = 64
COPIED = 256
"""Characters that a button may put into the clipboard."""
INLINE_QUERY = 256
"""Characters that a button may put into the input field, after the bot's name."""
ALBUM = 10
"""Pictures of one album; a single one is no album."""
PICTURE = 10 * 1024 * 1024
"""Bytes of a picture that is shown as one."""

BUTTON_LABEL = 40
"""Characters; no limit of Telegram's, but what a phone shows."""
ROW = 34
"""Characters of all labels of one row, for the same reason."""
LONG_QUOTE = 320
"""Characters, or five lines: from then on a quote is folded until it is tapped."""
LONG_QUOTE_LINES = 5
QUEUE_PAGE = 8
"""Cards on one page of the queue."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Characters of each part."""

    source: int
    context: int
    quote: int
    fact: int
    facts: int
    draft: int
    state: int
    links: int
    translation: int


READ = Limits(
    source=960,
    context=960,
    quote=6_400,
    fact=640,
    facts=8,
    draft=9_600,
    state=1_200,
    links=4,
    translation=2_400,
)
"""How much is looked at; no more than this could be shown, however little of it is visible."""
PARTS = Limits(
    source=240,
    context=240,
    quote=1_600,
    fact=160,
    facts=8,
    draft=2_400,
    state=300,
    links=4,
    translation=600,
)
LEAST = Limits(
    source=80,
    context=0,
    quote=200,
    fact=60,
    facts=3,
    draft=800,
    state=140,
    links=1,
    translation=120,
)
"""Fits whatever the texts are: no character takes more than two units, joiners included."""


def units(text: str) -> int:
    """UTF-16 units, as Telegram counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def within(card: Card, limits: Limits) -> Card:
    """Each part of the card within its own limit."""
    return replace(
        card,
        source=shortened(card.source, limits.source),
        context=shortened(card.context, limits.context) if limits.context else (),
        quote=shortened(card.quote, limits.quote),
        facts=tuple(shortened(fact, limits.fact) for fact in card.facts[: limits.facts]),
        draft=replace(
            card.draft,
            title=cut(card.draft.title, 40),
            origin=cut(card.draft.origin, 60),
            unit=cut(card.draft.unit, 20),
            text=cut(card.draft.text, limits.draft),
        )
        if card.draft
        else None,
        media=replace(card.media, alt_text=cut(card.media.alt_text, 80)) if card.media else None,
        translations=tuple(
            replace(told, text=cut(told.text, limits.translation)) for told in card.translations
        ),
        state=replace(card.state, spans=shortened(card.state.spans, limits.state)),
        links=tuple(replace(link, text=cut(link.text, 60)) for link in card.links[: limits.links]),
    )


def fitted(card: Card, drawn: Callable[[Card], str]) -> Card:
    """The card as its message takes it: the ladder is gone down until what is `drawn` fits.

    `drawn` is the text as a reader sees it.
    """
    card = within(card, PARTS)
    for step in _LADDER:
        if units(drawn(card)) <= TEXT:
            break
        card = step(card)
    return card


def _without_earlier(card: Card) -> Card:
    return replace(card, earlier=())


def _without_context(card: Card) -> Card:
    return replace(card, context=())


def _with_three_facts(card: Card) -> Card:
    return replace(card, facts=card.facts[:3])


def _with_half_a_quote(card: Card) -> Card:
    return replace(card, quote=shortened(card.quote, length(card.quote) // 2))


def _with_half_a_draft(card: Card) -> Card:
    draft = card.draft
    return (
        replace(card, draft=replace(draft, text=cut(draft.text, len(draft.text) // 2)))
        if (draft)
        else card
    )


def _with_the_least(card: Card) -> Card:
    return within(card, LEAST)


_LADDER: tuple[Callable[[Card], Card], ...] = (
    _without_earlier,
    _without_context,
    _with_three_facts,
    _with_half_a_quote,
    _with_half_a_quote,
    _with_half_a_draft,
    _with_the_least,
)
