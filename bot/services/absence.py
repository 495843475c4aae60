"""Being away: what a member had goes back to the queue, and nothing new is given to them.

What they decided stands, and their role is what it was: somebody who is away may still press. Being
back needs no work of the desk's: a time that has passed is over.
"""

from __future__ import annotations

from bot.cards.card import CardKind
from bot.model.commands import Outcome
from bot.model.event import EventKind, Subject
from bot.model.ids import DAY, ItemId, Moment
from bot.model.item import UNDECIDED
from bot.model.member import OPEN_END
from bot.services.deciding import Deciding, done, refused

MOST_DAYS = 366
HANDED_BACK = "handed this back, being away"


def go_away(deciding: Deciding, until: Moment | None) -> Outcome:
    """Until a time, or until they say that they are back."""
    if until is not None and not deciding.now < until <= deciding.now + MOST_DAYS * DAY:
        return refused("Choose a time to come, at most a year ahead.")
    tx, member = deciding.tx, deciding.member
    tx.people.be_away(member.id, until or OPEN_END)
    given = tx.items.undecided_of(member.brand_id, member.id)
    back = sum(_hand_back(deciding, number) for number in given)
    _tell(deciding, "went away", back)
    return done(
        deciding.speech.plural(
            "You are away. {count} card of yours went back to the queue.",
            "You are away. {count} cards of yours went back to the queue.",
            back,
        )
    )


def come_back(deciding: Deciding) -> Outcome:
    if not deciding.member.is_away(deciding.now):
        return done("You are here already.")
    deciding.tx.people.be_away(deciding.member.id, None)
    _tell(deciding, "came back", 0)
    return done("Welcome back. What waits stands in the queue.")


def _hand_back(deciding: Deciding, number: ItemId) -> bool:
    """False where somebody decided or took it meanwhile."""
    tx, member, now = deciding.tx, deciding.member, deciding.now
    tx.cards.lock_of(CardKind.ITEM, number)
    item = tx.items.get(number)
    if item.assignee_id != member.id or item.state not in UNDECIDED:
        return False
    tx.items.assign(item.id, None)
    tx.cards.turn(CardKind.ITEM, item.id, now, how=HANDED_BACK, by=member.id)
    tx.events.add(
        EventKind.ITEM_ASSIGNED,
        item.brand_id,
        Subject.ITEM,
        item.id,
        now,
        member_id=member.id,
        how=HANDED_BACK,
    )
    return True


def _tell(deciding: Deciding, how: str, items: int) -> None:
    tx, member, now = deciding.tx, deciding.member, deciding.now
    kind, brand = EventKind.MEMBER_CHANGED, member.brand_id
    tx.events.add(kind, brand, Subject.MEMBER, member.id, now, member_id=member.id, how=how)
    action = how.replace(" ", "_")
    tx.audits.add(
        brand, action, Subject.MEMBER, member.id, now,
        member_id=member.id, chat=deciding.identity.chat, items=items,
    )  # fmt: skip
