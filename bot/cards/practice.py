"""What marks a card on which a team practises, and what it says when the practice is over."""

from __future__ import annotations

from dataclasses import replace

from bot.cards.card import Bold, Spans, Text, Untrusted, When
from bot.cards.facts import ItemFacts, PracticeFacts
from bot.model.ids import MINUTE, SECOND
from bot.model.item import UNDECIDED, ItemState
from bot.model.publication import PublicationState
from bot.speech.speech import Speech


def named(facts: ItemFacts) -> ItemFacts:
    """With the names of a network and an account that are none."""
    if facts.practice is None:
        return facts
    practice = facts.speech.say("Practice")
    return replace(facts, network=practice, account_name=practice)


def source(facts: ItemFacts) -> Spans:
    """In place of where a comment comes from: this one comes from nowhere."""
    name = facts.author.display_name or facts.author.handle
    practice = Bold(facts.speech.say("Practice"))
    return (practice, Text(" · "), Untrusted(name), Text(" · "), When(facts.item.published_at))


def word(facts: ItemFacts, practice: PracticeFacts) -> str:
    """What to know while it goes on, and what the team learned when it is over."""
    say, item, yes = facts.speech.say, facts.item, practice.last_yes
    publication = facts.publication
    is_out = publication is not None and publication.state is PublicationState.PUBLISHED
    if item.state is ItemState.ANSWERED and is_out and yes is not None:
        return say(
            "{name} approved version {version} in {time}. Nothing left the desk.",
            name=yes.name,
            version=yes.version,
            time=time_taken(yes.at - practice.begun_at, facts.speech),
        )
    if item.state in UNDECIDED | {ItemState.NEW, ItemState.ANSWERING}:
        return say("Practice: every button works, and nothing leaves the desk.")
    return say("Practice is over. Nothing left the desk.")


def time_taken(took: int, speech: Speech) -> str:
    if took < 90 * SECOND:
        return speech.say("{count} s", count=max(1, took // SECOND))
    if took < 90 * MINUTE:
        return speech.say("{count} min", count=took // MINUTE)
    return speech.say("{count} h", count=took // (60 * MINUTE))
