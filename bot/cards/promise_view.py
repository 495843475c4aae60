"""What cards say of promises, and the buttons for them."""

from __future__ import annotations

from collections.abc import Iterator

from bot.cards.actions import ActionName
from bot.cards.card import Action, Ask, Group, MemberName, Spans, Untrusted, When, woven
from bot.cards.facts import ItemFacts, Promised
from bot.model.text import excerpt
from bot.speech.speech import Speech

MOST_SHOWN = 3
"""Promises that an item's card tells of, the newest."""


def promised_line(one: Promised, speech: Speech) -> Spans:
    name = MemberName(one.by.slug, one.by.name)
    text = Untrusted(excerpt(one.promise.text, 120))
    says = speech.say("Promised by {name} for {when}: {text}")
    return woven(says, name=name, when=When(one.promise.due_at), text=text)


def kept_action(one: Promised, speech: Speech, label: str) -> Action:
    text = excerpt(one.promise.text, 60)
    hint = speech.say("What was promised is done: {text}", text=text)
    return Action(ActionName.KEPT, label, argument=str(one.promise.id), hint=hint)


def promise_lines(facts: ItemFacts) -> Iterator[Spans]:
    """For the card of the item: what waits, else what our reply seems to promise."""
    for one in _open(facts):
        yield promised_line(one, facts.speech)
    if facts.seems_promised is not None and not facts.promises and facts.practice is None:
        words, due = facts.seems_promised
        says = facts.speech.say("Our reply seems to promise something by {when} (“{words}”)")
        yield woven(says, when=When(due), words=Untrusted(excerpt(words, 60)))


def kept_actions(facts: ItemFacts) -> Iterator[Action]:
    for one in _open(facts):
        yield kept_action(one, facts.speech, facts.speech.say("Promise kept"))


def promise_actions(facts: ItemFacts) -> Iterator[Action]:
    if facts.practice is not None:
        return
    yield from kept_actions(facts)
    say = facts.speech.say
    yield Action(
        ActionName.PROMISE,
        say("Promise…"),
        group=Group.TEAM,
        ask=Ask.LINE,
        hint=say("What was promised and by when, like: Friday 15:00 we call back"),
    )


def _open(facts: ItemFacts) -> list[Promised]:
    return [one for one in facts.promises if one.is_open][-MOST_SHOWN:]
