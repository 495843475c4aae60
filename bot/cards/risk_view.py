"""Whom the risks of an item are for: what its card says of them, and the button that asks them."""

from __future__ import annotations

from collections.abc import Iterator

from bot.cards.actions import ActionName
from bot.cards.card import Action, Bold, Group, Span, Spans, Text, woven
from bot.cards.facts import ItemFacts, Routed
from bot.cards.labels import RISK_LABELS
from bot.cards.question_view import name_of_asked
from bot.model.question import QuestionState
from bot.model.text import excerpt

MOST_NAMED = 40
"""Characters of the names on a button."""


def risk_lines(facts: ItemFacts) -> Iterator[Spans]:
    """`Legal risk: Ana, Bob, #legal`"""
    for one in facts.routed:
        label = facts.speech.say(RISK_LABELS[one.risk])
        who = tuple(_joined(list(_names(one))))
        yield woven("{risk}: {names}", risk=Bold(label[:1].upper() + label[1:]), names=who)


def consults(facts: ItemFacts) -> tuple[Action, ...]:
    """A button for each route of which nobody was asked yet."""
    say = facts.speech.say
    return tuple(
        Action(
            ActionName.CONSULT,
            say("Ask {names}", names=excerpt(", ".join(_spoken(one)), MOST_NAMED)),
            group=Group.TEAM,
            argument=one.risk.value,
            hint=say("Ask them what may be said to this; the answers come back as private notes"),
        )
        for one in facts.routed
        if not _is_asked(facts, one)
    )


def first_asked(facts: ItemFacts) -> tuple[str, ...]:
    """Whom a list of those who can be asked begins with."""
    return tuple(dict.fromkeys(to for one in facts.routed for to in one.asks))


def _is_asked(facts: ItemFacts, route: Routed) -> bool:
    members = {member.id for member, _users in route.people}
    channel = None if route.channel is None else route.channel.id
    asked = [one.question for one in facts.asked]
    return any(
        one.state is not QuestionState.WITHDRAWN
        and (one.asked_id in members or (channel is not None and one.channel_id == channel))
        for one in asked
    )


def _names(route: Routed) -> Iterator[Span]:
    for member, users in route.people:
        yield name_of_asked(member, users)
    if route.channel is not None:
        yield name_of_asked(route.channel)


def _spoken(route: Routed) -> Iterator[str]:
    for member, _users in route.people:
        yield member.name
    if route.channel is not None:
        yield route.channel.title or route.channel.slug


def _joined(names: list[Span]) -> Iterator[Span]:
    for place, name in enumerate(names):
        if place:
            yield Text(", ")
        yield name
