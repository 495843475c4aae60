"""How much of a card the console shows, and what gives way first when it is too much.

Numbers are characters. The channel shows a card that fits a screen; the item's own page shows
nearly all. Nothing is lost: the draft that an editor opens is always the whole draft.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.cards.card import (
    Bold,
    Card,
    CardDraft,
    Link,
    MemberName,
    Span,
    Spans,
    Text,
    Untrusted,
    When,
)

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
    facts = (span for fact in card.facts for span in fact)
    draft = len(card.draft.text) if card.draft else 0
    return sum(map(_length, spans)) + sum(map(_length, facts)) + draft


def shortened(spans: Spans, limit: int) -> Spans:
    """The first `limit` characters, ended by an ellipsis when something was cut."""
    kept: list[Span] = []
    left = limit
    for span in spans:
        if _length(span) <= left:
            kept.append(span)
            left -= _length(span)
        else:
            kept.append(_cut_span(span, left))
            break
    return tuple(kept)


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, not parting a letter from its accents or an emoji's pieces."""
    if len(text) <= limit:
        return text
    end = max(limit - 1, 0)
    while end > 0 and _joins_what_is_before(text, end):
        end -= 1
    return text[:end].rstrip() + "…"


def _joins_what_is_before(text: str, at: int) -> bool:
    here, before = text[at], text[at - 1]
    return "\u200d" in (here, before) or unicodedata.combining(here) > 0 or here == "\ufe0f"


def _length(span: Span) -> int:
    match span:
        case When():
            return 16
        case MemberName(name=name):
            return len(name) + 1
        case _:
            return len(span.text)


def _cut_span(span: Span, limit: int) -> Span:
    match span:
        case Text() | Bold() | Link() | Untrusted():
            return replace(span, text=cut(span.text, limit))
        case MemberName():
            return replace(span, name=cut(span.name, limit))
        case When():
            return Text("…")


def _with_shorter_draft(draft: CardDraft | None, limit: int) -> CardDraft | None:
    return replace(draft, text=cut(draft.text, limit)) if draft else None


def _without_context(card: Card) -> Card:
    return replace(card, context=())


def _with_three_facts(card: Card) -> Card:
    return replace(card, facts=card.facts[:3])


def _with_half_a_quote(card: Card) -> Card:
    return replace(card, quote=shortened(card.quote, sum(map(_length, card.quote)) // 2))


def _with_half_a_draft(card: Card) -> Card:
    return replace(
        card, draft=_with_shorter_draft(card.draft, len(card.draft.text) // 2 if card.draft else 0)
    )


_LADDER: tuple[Callable[[Card], Card], ...] = (
    _without_context,
    _with_three_facts,
    _with_half_a_quote,
    _with_half_a_draft,
)
