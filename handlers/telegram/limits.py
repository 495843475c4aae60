"""What fits into one message of Telegram.

Telegram counts a text in UTF-16 units after its entities are parsed. Buttons, rows and data have
limits of their own. Nothing is lost: what was cut can be had whole by a button of the card, and an
editor is always given the whole draft.

Source: https://core.telegram.org/bots/api and https://limits.tginfo.me (2026-06).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.cards.card import Card
from handlers import fitting
from handlers.fitting import Limits
from handlers.shortening import cut

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
    total=TEXT,
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
    total=TEXT,
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
    total=TEXT,
)
"""Fits whatever the texts are: no character takes more than two units, joiners included."""


def units(text: str) -> int:
    """UTF-16 units, as Telegram counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def within(card: Card, limits: Limits) -> Card:
    """Each part of the card within its own limit, and what has none elsewhere within ours."""
    card = fitting.within(card, limits)
    draft, media = card.draft, card.media
    return replace(
        card,
        draft=draft
        and replace(
            draft,
            title=cut(draft.title, 40),
            origin=cut(draft.origin, 60),
            unit=cut(draft.unit, 20),
        ),
        media=media and replace(media, alt_text=cut(media.alt_text, 80)),
        links=tuple(replace(link, text=cut(link.text, 60)) for link in card.links),
    )


def fitted(card: Card, drawn: Callable[[Card], str]) -> Card:
    """The card as its message takes it: the ladder is gone down until what is `drawn` fits.

    `drawn` is the text as a reader sees it.
    """
    ladder = (*fitting.LADDER, lambda one: within(one, LEAST))
    return fitting.stepped_down(within(card, PARTS), lambda one: units(drawn(one)) <= TEXT, ladder)
