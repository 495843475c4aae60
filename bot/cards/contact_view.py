"""What an author wrote to us before, as lines of a card: when, their words, our reply."""

from __future__ import annotations

from bot.cards.card import Spans, Text, Told, Untrusted, When, woven
from bot.cards.facts import Contact, Contacts
from bot.model.ids import DAY, HOUR, MINUTE, Moment
from bot.model.text import excerpt
from bot.speech.speech import Speech

MOST_WORDS = 70
"""Characters of each text, so that a contact is two lines of a phone."""


def contact_lines(contacts: Contacts | None, now: Moment, speech: Speech) -> Told | None:
    if contacts is None:
        return None
    count = contacts.count
    title = speech.plural("{count} contact before", "{count} contacts before", count)
    return Told(title, tuple(_line(one, now, speech) for one in contacts.last))


def _line(contact: Contact, now: Moment, speech: Speech) -> Spans:
    theirs = Untrusted(excerpt(contact.theirs, MOST_WORDS))
    when, ago = When(contact.at), Text(_ago(max(0, now - contact.at), speech))
    if not contact.ours:
        said = speech.say("{when}, {ago}: “{theirs}” (no reply of ours)")
        return woven(said, when=when, ago=ago, theirs=theirs)
    ours = Untrusted(excerpt(contact.ours, MOST_WORDS))
    said = speech.say("{when}, {ago}: “{theirs}” We answered: “{ours}”")
    return woven(said, when=when, ago=ago, theirs=theirs, ours=ours)


def _ago(passed: int, speech: Speech) -> str:
    if passed >= DAY:
        return speech.plural("{count} day ago", "{count} days ago", passed // DAY)
    if passed >= HOUR:
        return speech.plural("{count} hour ago", "{count} hours ago", passed // HOUR)
    return speech.say("{count} min ago", count=max(1, passed // MINUTE))
