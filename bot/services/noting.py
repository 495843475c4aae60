"""Notes: what members say about an item to each other, below its card or in a form.

A note stands on the card, in the history and with the drafter; it decides nothing, so the card
keeps its revision and nobody's press comes too late for it. Whoever wrote a message changes their
note, or takes it back, by changing that message.
"""

from __future__ import annotations

from collections.abc import Collection

from bot.cards.card import MemberName
from bot.cards.facts import Noted
from bot.cards.pages import NoteLine
from bot.model import commands as c
from bot.model.commands import Outcome, OutcomeKind
from bot.model.draft import normalised
from bot.model.event import EventKind, Subject
from bot.model.ids import ItemId, NoteId
from bot.model.member import Member
from bot.model.note import Note, channel_of
from bot.services.deciding import Deciding, done, refused
from bot.services.handling import item_of
from bot.speech.speech import marked
from bot.store.cards import CardRow
from bot.store.tx import Tx

LONGEST = 2_000
"""Characters of a note."""
KEPT = marked("Kept as a private note. Nothing of it is published.")
NO_NOTE = marked("There is no such note of yours on this card.")


def write(deciding: Deciding, card: CardRow, command: c.WriteNote) -> Outcome:
    tx, item = deciding.tx, item_of(deciding, card)
    words = normalised(command.text)[:LONGEST]
    if not words:
        return refused("Write the note first.")
    origin = _origin(deciding, command.origin)
    if origin and tx.notes.at(origin) is not None:
        return done(KEPT)
    member = deciding.member
    note = Note(NoteId(0), item.brand_id, item.id, member.id, words, deciding.now, origin)
    number = tx.notes.add(note)
    tx.items.set_asides(item.id)
    _tell(deciding, card, EventKind.NOTE_WRITTEN, number, origin, words)
    return done(KEPT)


def change(deciding: Deciding, card: CardRow, command: c.ChangeNote) -> Outcome:
    tx, origin = deciding.tx, _origin(deciding, command.origin)
    note = tx.notes.at(origin)
    if note is None or note.item_id != card.subject_id or note.member_id != deciding.member.id:
        return Outcome(OutcomeKind.MISSING, NO_NOTE)
    words = normalised(command.text)[:LONGEST]
    if not words:
        tx.notes.drop(note.id)
        _tell(deciding, card, EventKind.NOTE_DROPPED, note.id, origin, None)
        return done("Taken back. The card has this note no more.")
    if words != note.text:
        tx.notes.say(note.id, words)
        _tell(deciding, card, EventKind.NOTE_CHANGED, note.id, origin, words)
    return done(KEPT)


def noted_about(tx: Tx, items: Collection[ItemId]) -> dict[ItemId, Noted]:
    """For the cards of these, as far as there are any."""
    found = tx.notes.of_items(items)
    return {
        key: Noted(len(some), some[-1], tx.people.get(some[-1].member_id))
        for key, some in found.items()
    }


def lines(tx: Tx, item_id: ItemId) -> tuple[NoteLine, ...]:
    """All of an item, oldest first."""
    notes = tx.notes.of_items([item_id]).get(item_id, [])
    people = {key: tx.people.get(key) for key in {one.member_id for one in notes}}
    return tuple(NoteLine(one.at, _name_of(people[one.member_id]), one.text) for one in notes)


def _name_of(member: Member) -> MemberName:
    return MemberName(member.slug, member.name)


def _origin(deciding: Deciding, said: str) -> str:
    return f"{deciding.identity.chat}:{said}" if said else ""


def _tell(
    deciding: Deciding,
    card: CardRow,
    kind: EventKind,
    number: NoteId,
    origin: str,
    text: str | None,
) -> None:
    """Look at the card anew, tell the feed, write down who."""
    tx, member = deciding.tx, deciding.member
    tx.cards.look_anew(card)
    said_in = {"said_in": channel_of(origin)} if origin else {}
    tx.events.add(
        kind,
        member.brand_id,
        Subject.ITEM,
        card.subject_id,
        deciding.now,
        member_id=member.id,
        note=number,
        **said_in,
    )
    deciding.audit(kind.value, card, text=text, note=number)
