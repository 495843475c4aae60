"""From the model to the card that reminds of a post: what leaves when, and whose yes it wants."""

from __future__ import annotations

from bot.cards.card import (
    Bold,
    Card,
    CardKind,
    Light,
    MemberName,
    Spans,
    StateLine,
    Text,
    Untrusted,
    When,
    woven,
)
from bot.cards.facts import ReminderFacts
from bot.model.text import excerpt

MOST = 200
"""Characters of the post's words."""


def reminder_card(facts: ReminderFacts) -> Card:
    say, post = facts.speech.say, facts.post
    title = say("A post waits for approval")
    text = excerpt(post.variants[0].text, MOST) if post.variants else ""
    return Card(
        kind=CardKind.PEAK,
        key=facts.token,
        revision=facts.revision,
        number=post.id,
        source=(Bold(title),),
        quote=(Untrusted(text),) if text else (),
        facts=tuple(_facts(facts)),
        state=_state(facts),
        fallback=title,
        speech=facts.speech,
    )


def _facts(facts: ReminderFacts) -> list[Spans]:
    shown: list[Spans] = []
    if facts.post.slot is not None:
        shown.append(woven(facts.speech.say("Leaves {when}"), when=When(facts.post.slot)))
    if facts.is_over:
        return shown
    return shown + [(MemberName(one.slug, one.name, users),) for one, users in facts.called]


def _state(facts: ReminderFacts) -> StateLine:
    say = facts.speech.say
    if facts.is_over:
        return StateLine(Light.DONE, (Text(say("This reminder is over")),))
    says = say("Not approved in time it goes back to its author. Decide on the post's card")
    return StateLine(Light.TROUBLE, (Text(says),))
