"""Cards of many: turning the page of what needs no reply, and giving one a card of its own."""

from __future__ import annotations

from bot.cards.card import CardKind
from bot.model import commands as c
from bot.model.commands import Outcome
from bot.model.ids import ItemId, PeakId
from bot.model.item import Item, ItemState
from bot.model.peak import RollKind
from bot.services import handling
from bot.services.deciding import Deciding, done, refused
from bot.services.drafting import draft_due
from bot.store.cards import CardRow


def turn_page(deciding: Deciding, card: CardRow, command: c.TurnPage) -> Outcome:
    """Everybody sees the same page."""
    tx = deciding.tx
    tx.peaks.turn_to(PeakId(card.subject_id), max(1, command.page))
    how = "turned the page"
    tx.cards.turn(CardKind.PEAK, card.subject_id, deciding.now, how=how, by=deciding.member.id)
    return done("Here is the next page.")


def pull_out(deciding: Deciding, card: CardRow, command: c.PullOut) -> Outcome:
    """It wants a decision: it is open, and has a card of its own beside this one."""
    tx, number = deciding.tx, ItemId(command.item)
    peak_id = PeakId(card.subject_id)
    item, peak = tx.items.maybe(number), tx.peaks.get(peak_id)
    of_digest = peak.rolling.kind is RollKind.DIGEST
    is_here = tx.peaks.has(peak_id, number) if of_digest else tx.peaks.leave(peak_id, number)
    wanted = ItemState.OPEN if of_digest else ItemState.QUIET
    if item is None or not is_here or item.state is not wanted:
        return refused("This one is not on the card any more. Look at the card again.")
    own = tx.cards.of(CardKind.ITEM, number)
    if peak.channel_id is not None:
        tx.due.add(tx.card_refs.add([(own.id, peak.channel_id)], deciding.now))
    if of_digest:
        return _draft(deciding, item)
    outcome = handling.reopen(deciding, own)
    how = "pulled one out"
    tx.cards.turn(CardKind.PEAK, peak_id, deciding.now, how=how, by=deciding.member.id)
    return done("It has a card of its own now.") if outcome.is_done else outcome


def _draft(deciding: Deciding, item: Item) -> Outcome:
    """The digest goes on counting it; what a digest took has no draft before."""
    if deciding.tx.drafts.latest(item.id) is None:
        deciding.tx.due.put(draft_due(item, deciding.now))
    return done("It has a card of its own now.")
