"""The first day of an account: what its first sync stored in silence is told as one card.

    first sync is over    due row `first_day`: the backlog of the last 30 days is sorted
    sorted                card "Your last 30 days", once for each account, in its first channel;
                          where no channel takes its comments, in the queue of the console alone
    "Answer the 12 ..."   work on many: a few at a time are open and get cards of their own
    "Not now", or a week  the card is over; they stay silent under Backlog

What is older stays silent. Where all that the first sync brought was fresh, each has a card of its
own, and there is nothing to tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.cards.kinds import CardKind
from bot.model.channel import Traits
from bot.model.commands import Outcome
from bot.model.due import DueRow
from bot.model.event import EventKind, Subject
from bot.model.ids import DAY, HOUR, AccountId, ItemId, Moment, PeakId
from bot.model.item import Item, ItemKind, ItemState
from bot.model.network import Leg
from bot.model.peak import ASKS, REST, TOLD, Rolling, RollKind
from bot.model.triage import Triage
from bot.services import rolling
from bot.services.deciding import Deciding, done, refused
from bot.services.intake import FRESH
from bot.services.routing import channels_of
from bot.store.cards import CardRow
from bot.store.tx import Tx

PAST = 30 * DAY
MOST = 1_000
"""Items that are looked at, the newest."""
_LABELS = {ASKS: "Still open", TOLD: "Answered there", REST: "All else"}


def is_synced(tx: Tx, account_id: AccountId, legs: Iterable[Leg]) -> bool:
    """Whether the first sync of every leg is over."""
    return all(tx.accounts.leg(account_id, leg)[1] for leg in legs)


@dataclass(frozen=True, slots=True)
class Backlog:
    languages: tuple[str, ...]
    items: Sequence[Item]


def backlog(tx: Tx, account_id: AccountId) -> Backlog:
    """What is to be sorted: nothing where the card was told already."""
    if tx.backlogs.is_told(account_id):
        return Backlog((), ())
    brand = tx.accounts.brand(tx.accounts.get(account_id).brand_id)
    return Backlog(brand.languages, tx.backlogs.said(account_id, Moment(tx.now() - PAST), MOST))


@dataclass(frozen=True, slots=True)
class FirstDay:
    """The backlog, with what triage says of what is silent."""

    row: DueRow
    items: Sequence[Item]
    triages: Mapping[ItemId, Triage]


def tell(tx: Tx, commands: Sequence[FirstDay]) -> list[bool]:
    """False for one that lost its lease."""
    return [_tell(tx, command) for command in commands]


def _tell(tx: Tx, command: FirstDay) -> bool:
    if not tx.due.done(command.row):
        return False
    account = tx.accounts.get(AccountId(command.row.arg["account"]))
    traits = Traits(account.slug, ItemKind.COMMENT, "und", ())
    channels = channels_of(tx.channels.of_brand(account.brand_id), traits)
    is_quiet = any(one.published_at < one.received_at - FRESH for one in command.items)
    if not is_quiet or tx.backlogs.is_told(account.id):
        return True
    now, about = tx.now(), Rolling(RollKind.PAST, account.id)
    tx.items.set_triages(command.triages)
    channel_id = channels[0].id if channels else None
    number = rolling.begin(tx, account.brand_id, channel_id, about, HOUR, now)
    if number is not None:
        kind, how = EventKind.ACCOUNT_CHANGED, "past_told"
        tx.events.add(kind, account.brand_id, Subject.ACCOUNT, account.id, now, how=how)
        for item in command.items:
            cluster = _cluster(item, command.triages.get(item.id))
            tx.peaks.join(number, item.id, (cluster, _LABELS[cluster]), now)
    return True


def _cluster(item: Item, triage: Triage | None) -> str:
    if item.state is ItemState.ANSWERED:
        return TOLD
    waits = item.state is ItemState.MUTED and triage is not None and triage.needs_reply
    return ASKS if waits else REST


def not_now(deciding: Deciding, card: CardRow) -> Outcome:
    """They stay where they are, under Backlog."""
    tx, peak_id = deciding.tx, PeakId(card.subject_id)
    if tx.peaks.get(peak_id).rolling.kind is not RollKind.PAST:
        return refused("This button is not on this card.")
    if tx.peaks.end(peak_id, deciding.now):
        tx.due.drop(rolling.key_of(peak_id))
    deciding.audit("past_left", card)
    tx.cards.turn(CardKind.PEAK, peak_id, deciding.now, how="said not now", by=deciding.member.id)
    return done("They stay under Backlog.")
