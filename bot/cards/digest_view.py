"""The digest of one member: what waits for them, drawn for them alone and redrawn by nobody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.cards.card import (
    Bold,
    Card,
    CardKind,
    Light,
    Opener,
    Span,
    Spans,
    StateLine,
    Text,
    Untrusted,
    plain,
)
from bot.model.ids import CardToken, MemberId
from bot.model.report import Figures
from bot.model.text import excerpt
from bot.speech.speech import Speech

MOST_SHOWN = 10
"""Cards with their words; the rest is counted."""


@dataclass(frozen=True, slots=True)
class DigestFacts:
    member_id: MemberId
    mine: Sequence[Card]
    """The first of them, what is due first at the beginning; questions to them too."""
    total: int
    waiting: int
    """Of everything that they see: comments, posts and what needs a person."""
    today: Figures | None
    speech: Speech


def digest_card(facts: DigestFacts) -> Card:
    title = facts.speech.say("What waits for you")
    return Card(
        kind=CardKind.PEAK,
        key=CardToken(f"D{facts.member_id:011d}"),
        revision=1,
        number=facts.member_id,
        source=(Bold(title),),
        quote=tuple(_lines(facts)),
        facts=tuple((Text(says),) for says in _counts(facts)),
        opens=tuple(_opener(card) for card in facts.mine[:MOST_SHOWN]),
        state=StateLine(Light.WAITING, (Text(facts.speech.say("As it is at this moment")),)),
        fallback=title,
        speech=facts.speech,
    )


def _lines(facts: DigestFacts) -> Iterator[Span]:
    for place, card in enumerate(facts.mine[:MOST_SHOWN]):
        if place:
            yield Text("\n")
        yield from _line(card)
    more = facts.total - min(len(facts.mine), MOST_SHOWN)
    if more > 0:
        yield Text("\n" + facts.speech.say("and {count} more", count=more))


def _line(card: Card) -> Spans:
    words = Untrusted(excerpt(plain(card.quote), 80))
    return (Text(f"#{card.number} "), *card.source, Text(": "), words)


def _opener(card: Card) -> Opener:
    label = card.speech.say("Open #{number}", number=card.number)
    return Opener(label, card.key, card.revision, excerpt(plain(card.quote), 60))


def _counts(facts: DigestFacts) -> Iterator[str]:
    say, plural = facts.speech.say, facts.speech.plural
    yield plural("{count} with you", "{count} with you", facts.total)
    yield plural("{count} in the queue", "{count} in the queue", facts.waiting)
    if facts.today is not None:
        came, answered = facts.today.came, facts.today.answered
        yield say("Today {came} came and {answered} are answered", came=came, answered=answered)
