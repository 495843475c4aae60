"""What Slack takes, how much of a card we show there, and what gives way first.

Slack's own numbers are those of https://docs.slack.dev/reference/block-kit and of its published
types (`@slack/types` 3.2); our own are smaller wherever a card would fill more than a screen.
Numbers are characters. Nothing is lost: the editor opens the whole draft, and the console shows
everything.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.cards.card import Card, CardDraft
from handlers.shortening import cut, length, shortened

# Slack's limits

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
BUTTON_TEXT = 75
OPTION_TEXT = 75
MENU_OPTIONS = 100
SENTENCE = 2_000
"""A `plain_text` or `mrkdwn` object in a context; Slack takes 3,000 in a section."""
CONFIRM_TITLE = 100
CONFIRM_TEXT = 300
CONFIRM_BUTTON = 30
VIEW_TITLE = 24
VIEW_BUTTON = 24
URL = 3_000
INPUT_TEXT = 3_000
"""What a text field can hold."""
INPUT_LABEL = 2_000
INPUT_HINT = 2_000
PRIVATE_METADATA = 3_000
COMMAND_ANSWER = 3_000

# Our own

FALLBACK = 300
MAIN_BUTTONS = 4
"""Buttons beside each other; the rest goes under More."""


@dataclass(frozen=True, slots=True)
class Limits:
    """`total` is of all texts of a card together."""

    source: int
    context: int
    quote: int
    fact: int
    facts: int
    draft: int
    state: int
    links: int
    total: int


IN_CHANNEL = Limits(
    source=240,
    context=240,
    quote=1_200,
    fact=160,
    facts=8,
    draft=2_400,
    state=400,
    links=5,
    total=5_000,
)
IN_VIEW = Limits(
    source=240,
    context=240,
    quote=2_500,
    fact=300,
    facts=12,
    draft=2_900,
    state=600,
    links=8,
    total=8_000,
)


def fitted(card: Card, limits: Limits) -> Card:
    """The card within its limits: each part first, then the ladder until the whole fits."""
    card = replace(
        card,
        source=shortened(card.source, limits.source),
        context=shortened(card.context, limits.context),
        quote=shortened(card.quote, limits.quote),
        facts=tuple(shortened(fact, limits.fact) for fact in card.facts[: limits.facts]),
        draft=_with_shorter_draft(card.draft, limits.draft),
        translations=tuple(
            replace(told, text=cut(told.text, limits.quote // 2)) for told in card.translations
        ),
        state=replace(card.state, spans=shortened(card.state.spans, limits.state)),
        links=card.links[: limits.links],
    )
    for step in _LADDER:
        if weight(card) <= limits.total:
            break
        card = step(card)
    return card


def weight(card: Card) -> int:
    """Characters of everything a card shows."""
    parts = (card.source, card.context, card.quote, card.state.spans, *card.facts)
    earlier = sum(len(before.text) for before in card.earlier)
    return sum(map(length, parts)) + earlier + (len(card.draft.text) if card.draft else 0)


def _with_shorter_draft(draft: CardDraft | None, limit: int) -> CardDraft | None:
    return None if draft is None else replace(draft, text=cut(draft.text, limit))


def _without_earlier(card: Card) -> Card:
    return replace(card, earlier=())


def _without_context(card: Card) -> Card:
    return replace(card, context=())


def _with_three_facts(card: Card) -> Card:
    return replace(card, facts=card.facts[:3])


def _with_half_a_quote(card: Card) -> Card:
    return replace(card, quote=shortened(card.quote, length(card.quote) // 2))


def _with_half_a_draft(card: Card) -> Card:
    half = len(card.draft.text) // 2 if card.draft else 0
    return replace(card, draft=_with_shorter_draft(card.draft, half))


_LADDER: tuple[Callable[[Card], Card], ...] = (
    _without_earlier,
    _without_context,
    _with_three_facts,
    _with_half_a_quote,
    _with_half_a_draft,
)
