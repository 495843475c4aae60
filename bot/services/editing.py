"""Editing: who has an editor open on a card, told to the others for as long as it is likely.

It locks nobody out: whoever publishes first wins, and the revision tells the other one. It holds
for the revision on which it was opened, so whatever turns the card ends it.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards.card import CardKind
from bot.model.commands import Outcome
from bot.model.due import DueRow, Lane, NewDue
from bot.model.ids import MINUTE, CardId, ItemId, Moment, PostId
from bot.model.item import UNDECIDED
from bot.model.member import Member
from bot.model.post import PostState
from bot.services.deciding import Deciding, done, refused, stands_otherwise
from bot.store.cards import CardRow
from bot.store.tx import Tx

LASTS = 2 * MINUTE
SHARED = "shared"
"""The outcome's note when somebody else has it open too."""


def start(deciding: Deciding, card: CardRow) -> Outcome:
    """Refused when there is nothing to edit any more; told when somebody else is at it."""
    objection = _objection(deciding.tx, card)
    if objection is not None:
        return objection
    other = editor_of(deciding.tx, card, deciding.now)
    if other is not None and other.id != deciding.member.id:
        says = deciding.speech.say(
            "{name} has this open too. Whoever is first decides.", name=other.name
        )
        return done(says, note=SHARED)
    until = Moment(deciding.now + LASTS)
    deciding.tx.cards.lend(card.id, deciding.member.id, until)
    key = f"editing:{card.id}"
    deciding.tx.due.put(NewDue("editing", key, Lane.REDRAWS, until, {"card": card.id}))
    return done("The others see that you are editing.")


def stop(deciding: Deciding, card: CardRow) -> Outcome:
    if card.editing_by == deciding.member.id:
        deciding.tx.cards.lend(card.id, None, None)
        deciding.tx.due.drop(f"editing:{card.id}")
    return done("Closed.")


def editor_of(tx: Tx, card: CardRow, now: Moment) -> Member | None:
    """Who is editing this revision of the card now."""
    if card.editing_by is None or card.editing_until is None or card.editing_until <= now:
        return None
    return tx.people.get(card.editing_by)


def run_out(tx: Tx, rows: Sequence[DueRow]) -> list[None]:
    """The time is over: the card is drawn without the editor."""
    for row in rows:
        card_id = CardId(row.arg["card"])
        tx.cards.revision_locked(card_id)
        card = tx.cards.get(card_id)
        if tx.due.done(row) and editor_of(tx, card, tx.now()) is None and card.editing_by:
            tx.cards.lend(card.id, None, None)
    return [None] * len(rows)


def _objection(tx: Tx, card: CardRow) -> Outcome | None:
    if card.kind is CardKind.ITEM:
        item = tx.items.get(ItemId(card.subject_id))
        return None if item.state in UNDECIDED else stands_otherwise(item)
    if card.kind is CardKind.POST:
        post = tx.posts.get(PostId(card.subject_id))
        if post.state is PostState.CANCELLED:
            return refused("This post was cancelled. Compose a new one.")
        return None
    return refused("There is nothing to edit here.")
