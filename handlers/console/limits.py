"""How much of a card the console shows, and what gives way first when it is too much.

Numbers are characters. The channel shows a card that fits a screen; the item's own page shows
nearly all. Nothing is lost: the draft that an editor opens is always the whole draft.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.cards.card import Card, CardDraft
from handlers.shortening import cut, length, shortened

MAIN_BUTTONS = 5
"""Buttons beside each other; the rest goes under More."""


@dataclass(frozen=True, slots=True)
class Limits:
    source: int
    context: int
    quote: int
    fact: int
    facts: int
    draft: int
    state: int
    links: int
    total: int
    """Of all texts of a card together."""


IN_CHANNEL = Limits(
    source=240,
    context=240,
    quote=900,
    fact=160,
    facts=8,
    draft=2_400,
    state=400,
    links=6,
    total=4_800,
)
ON_PAGE = Limits(
    source=600,
    context=2_000,
    quote=60_000,
    fact=600,
    facts=30,
    draft=20_000,
    state=2_000,
    links=30,
    total=90_000,
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
    spans = (*card.source, *card.context, *card.quote, *card.state.spans)
    facts = tuple(span for fact in card.facts for span in fact)
    draft = len(card.draft.text) if card.draft else 0
    earlier = sum(len(before.text) for before in card.earlier)
    return length(spans) + length(facts) + earlier + draft


def _with_shorter_draft(draft: CardDraft | None, limit: int) -> CardDraft | None:
    return replace(draft, text=cut(draft.text, limit)) if draft else None


def _without_earlier(card: Card) -> Card:
    return replace(card, earlier=())


def _without_context(card: Card) -> Card:
    return replace(card, context=())


def _with_three_facts(card: Card) -> Card:
    return replace(card, facts=card.facts[:3])


def _with_half_a_quote(card: Card) -> Card:
    return replace(card, quote=shortened(card.quote, length(card.quote) // 2))


def _with_half_a_draft(card: Card) -> Card:
    return replace(
        card, draft=_with_shorter_draft(card.draft, len(card.draft.text) // 2 if card.draft else 0)
    )


_LADDER: tuple[Callable[[Card], Card], ...] = (
    _without_earlier,
    _without_context,
    _with_three_facts,
    _with_half_a_quote,
    _with_half_a_draft,
)
