"""What an author wrote to us before, as lines of a card: when, their words, our reply."""

from __future__ import annotations

from bot.cards.card import Spans, Told, Untrusted, When, woven
from bot.cards.facts import Contact, Contacts
from bot.model.text import excerpt
from bot.speech.speech import Speech

MOST_WORDS = 70
"""Characters of each text, so that a contact is two lines of a phone."""


def contact_lines(contacts: Contacts | None, speech: Speech) -> Told | None:
    if contacts is None:
        return None
    count = contacts.count
    title = speech.plural("{count} contact before", "{count} contacts before", count)
    return Told(title, tuple(_line(one, speech) for one in contacts.last))


def _line(contact: Contact, speech: Speech) -> Spans:
    theirs = Untrusted(excerpt(contact.theirs, MOST_WORDS))
    when = When(contact.at)
    if not contact.ours:
        said = speech.say("{when}: “{theirs}” (no reply of ours)")
        return woven(said, when=when, theirs=theirs)
    ours = Untrusted(excerpt(contact.ours, MOST_WORDS))
    said = speech.say("{when}: “{theirs}” We answered: “{ours}”")
    return woven(said, when=when, theirs=theirs, ours=ours)
