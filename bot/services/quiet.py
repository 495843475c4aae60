"""The card of what needs no reply: turning its page, and pulling one out of it."""

from __future__ import annotations

from bot.cards.card import CardKind
from bot.model import commands as c
from bot.model.commands import Outcome
from bot.model.ids import ItemId, PeakId
from bot.model.item import ItemState
from bot.services import handling
from bot.services.deciding import Deciding, done, refused
from bot.store.cards import CardRow


def turn_page(deciding: Deciding, card: CardRow, command: c.TurnPage) -> Outcome:
    """Everybody sees the same page."""
    tx = deciding.tx
    tx.peaks.turn_to(PeakId(card.subject_id), max(1, command.page))
    how = "turned the page"
    tx.cards.turn(CardKind.PEAK, card.subject_id, deciding.now, how=how, by=deciding.member.id)
    return done("Here is the next page.")


def pull_out(deciding: Deciding, card: CardRow, command: c.PullOut) -> Outcome:
    """It wants a decision after all: it is open, and has a card of its own beside this one."""
    tx, number = deciding.tx, ItemId(command.item)
    peak_id = PeakId(card.subject_id)
    item = tx.items.maybe(number)
    is_here = tx.peaks.leave(peak_id, number)
    if item is None or not is_here or item.state is not ItemState.QUIET:
        return refused("This one is not on the card any more. Look at the card again.")
    own = tx.cards.of(CardKind.ITEM, number)
    channel = tx.peaks.get(peak_id).channel_id
    tx.due.add(tx.card_refs.add([(own.id, channel)], deciding.now))
    outcome = handling.reopen(deciding, own)
    how = "pulled one out"
    tx.cards.turn(CardKind.PEAK, peak_id, deciding.now, how=how, by=deciding.member.id)
    return done("It has a card of its own now.") if outcome.is_done else outcome
