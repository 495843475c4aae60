"""Which parts of a card give way where a front end has no room for all of them.

Each part has a limit of its own; then a ladder is gone down until the whole fits. How large the
parts may be, and what "fits" means, each front end says itself. Nothing is lost by it: an editor
is always given the whole draft.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bot.cards.card import Card
from handlers.shortening import cut, length, shortened

Step = Callable[[Card], Card]


@dataclass(frozen=True, slots=True)
class Limits:
    """Characters of each part, and how many facts and links; `total` is of all texts together."""

    source: int
    context: int
    quote: int
    fact: int
    facts: int
    draft: int
    state: int
    links: int
    translation: int
    total: int


def within(card: Card, limits: Limits) -> Card:
    """Each part of the card within its own limit."""
    return replace(
        card,
        source=shortened(card.source, limits.source),
        context=shortened(card.context, limits.context) if limits.context else (),
        quote=shortened(card.quote, limits.quote),
        facts=tuple(shortened(fact, limits.fact) for fact in card.facts[: limits.facts]),
        draft=card.draft and replace(card.draft, text=cut(card.draft.text, limits.draft)),
        beside=card.beside and replace(card.beside, text=cut(card.beside.text, limits.draft)),
        translations=tuple(
            replace(told, text=cut(told.text, limits.translation)) for told in card.translations
        ),
        state=replace(card.state, spans=shortened(card.state.spans, limits.state)),
        links=card.links[: limits.links],
    )


def fitted(card: Card, limits: Limits) -> Card:
    """The card within its limits: each part first, then the ladder until the whole fits."""
    return stepped_down(within(card, limits), lambda one: weight(one) <= limits.total, LADDER)


def stepped_down(card: Card, fits: Callable[[Card], bool], ladder: Sequence[Step]) -> Card:
    """The card after as many steps as it takes until it fits, or after all of them."""
    for step in ladder:
        if fits(card):
            break
        card = step(card)
    return card


def weight(card: Card) -> int:
    """Characters of everything a card shows."""
    contacts = card.contacts.lines if card.contacts else ()
    parts = (card.source, card.context, card.quote, card.state.spans, *card.facts, *contacts)
    earlier = sum(length(before.shown) for before in card.earlier)
    ours = len(card.draft.text) if card.draft else 0
    return sum(map(length, parts)) + earlier + ours + (len(card.beside.text) if card.beside else 0)


def without_contacts(card: Card) -> Card:
    return replace(card, contacts=None)


def without_earlier(card: Card) -> Card:
    return replace(card, earlier=())


def without_context(card: Card) -> Card:
    return replace(card, context=(), context_media=None)


def with_three_facts(card: Card) -> Card:
    return replace(card, facts=card.facts[:3])


def with_half_a_quote(card: Card) -> Card:
    return replace(card, quote=shortened(card.quote, length(card.quote) // 2))


def with_half_a_draft(card: Card) -> Card:
    draft, beside = card.draft, card.beside
    return replace(
        card,
        draft=draft and replace(draft, text=cut(draft.text, len(draft.text) // 2)),
        beside=beside and replace(beside, text=cut(beside.text, len(beside.text) // 2)),
    )


LADDER: Sequence[Step] = (
    without_contacts,
    without_earlier,
    without_context,
    with_three_facts,
    with_half_a_quote,
    with_half_a_quote,
    with_half_a_draft,
)
