"""The hand-over card: what a shift leaves to the next one, each line with a button.

    a shift ends            what they have and nobody decided, what nobody has, what waits for
                            approval, what was promised
    a shift begins          the same, where nobody was on one and something waits
    a person asks           the same, in the channel where they ask

What ends within ten minutes is one card. It is drawn from what is so now: who took something is
named, what was decided is gone, until twelve hours later or until the next hand-over. It shows
only what everybody who reads its channel may see, and mentions those who are on shift.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bot.cards.card import CardKind
from bot.model import commands as c
from bot.model.channel import Channel, Shows
from bot.model.commands import Outcome
from bot.model.event import EventKind, Subject
from bot.model.goals import GoalPolicies
from bot.model.ids import MINUTE, BrandId, ItemId, MemberId, Moment, PeakId
from bot.model.item import UNDECIDED, Item
from bot.model.peak import Rolling, RollKind
from bot.services import handling, rolling
from bot.services.deciding import Deciding, done, refused, stands_otherwise
from bot.services.routing import channel_at
from bot.services.sight import sight_in
from bot.speech.speech import marked
from bot.store.cards import CardRow
from bot.store.handovers import Left
from bot.store.tx import Tx

EVERY = 10 * MINUTE
"""Milliseconds between two redraws."""
TOGETHER = 10 * MINUTE
"""Milliseconds in which shifts that end have one card."""
MOST = 200
"""Open items looked at."""
ABOUT = Rolling(RollKind.HAND_OVER)
_GONE = marked("This one is not on the card any more. Look at the card again.")
_NOTHING = marked("Nothing is open, nothing waits for approval, and nothing is promised.")


def hand_over(
    tx: Tx,
    goals: GoalPolicies,
    brand_id: BrandId,
    whose: Collection[MemberId],
    now: Moment,
    here: Channel | None = None,
) -> list[Channel]:
    """Where its card stands now; nowhere when there is nothing to tell of."""
    where = [here] if here is not None else _where(tx, goals, brand_id)
    return [one for one in where if _in_channel(tx, one, whose, now)]


def ask_for(deciding: Deciding, command: c.HandOver) -> Outcome:
    tx, member, now = deciding.tx, deciding.member, deciding.now
    brand_id = member.brand_id
    here = channel_at(tx, brand_id, command.chat, command.channel, command.topic)
    if not _where(tx, deciding.rules.goals, brand_id):
        return refused("No channel shows cards of items here. Look at the queue.")
    stands = hand_over(tx, deciding.rules.goals, brand_id, [member.id], now, here)
    if not stands:
        return done(_NOTHING)
    titles = ", ".join(one.title or one.slug for one in stands)
    return done(deciding.speech.say("The hand-over card is in {channels}.", channels=titles))


def take_one(deciding: Deciding, card: CardRow, command: c.TakeOne) -> Outcome:
    tx, found = deciding.tx, _line(deciding, card, command.item)
    if isinstance(found, Outcome):
        return found
    own = tx.cards.of(CardKind.ITEM, found.item_id)
    tx.cards.lock(own.token)
    item = tx.items.get(found.item_id)
    if item.state not in UNDECIDED:
        return stands_otherwise(item)
    if item.assignee_id == deciding.member.id:
        return done("It is yours already.")
    if (item.assignee_id or 0) != command.had_by:
        return refused(_taken(deciding, item))
    outcome = handling.take(deciding, own)
    _stand_here(deciding, card, own, "took one over")
    return outcome


def _taken(deciding: Deciding, item: Item) -> str:
    """Since the card was drawn."""
    if item.assignee_id is None:
        return _GONE
    name = deciding.tx.people.get(item.assignee_id).name
    return deciding.speech.say("{name} has it now. Look at the card again.", name=name)


def open_one(deciding: Deciding, card: CardRow, command: c.OpenOne) -> Outcome:
    found = _line(deciding, card, command.item)
    if isinstance(found, Outcome):
        return found
    own = deciding.tx.cards.of(CardKind.ITEM, found.item_id)
    if _stand_here(deciding, card, own, "opened one"):
        return done("Its card comes to this channel.")
    says = "Its card stands in this channel already: search for its number, {number}."
    return done(deciding.speech.say(says, number=found.item_id))


def _line(deciding: Deciding, card: CardRow, number: int) -> Left | Outcome:
    left = deciding.tx.duties.leaves.left(PeakId(card.subject_id))
    found = next((one for one in left if one.item_id == number), None)
    return refused(_GONE) if found is None else found


def _stand_here(deciding: Deciding, card: CardRow, own: CardRow, how: str) -> bool:
    """The item's card is posted where the hand-over stands, unless it is there."""
    tx, now = deciding.tx, deciding.now
    channel = tx.peaks.get(PeakId(card.subject_id)).channel_id
    stands = {ref.channel_id for ref in tx.card_refs.of_cards([own.id])}
    if channel is not None and channel not in stands:
        tx.due.add(tx.card_refs.add([(own.id, channel)], now))
    tx.cards.turn(CardKind.PEAK, card.subject_id, now, how=how, by=deciding.member.id)
    return channel not in stands


def _where(tx: Tx, goals: GoalPolicies, brand_id: BrandId) -> list[Channel]:
    """The leads' channel, else where everything lands, else the first that shows items."""
    channels = [one for one in tx.channels.of_brand(brand_id) if Shows.ITEMS in one.shows]
    policy = goals.get(tx.accounts.brand(brand_id).slug)
    lead = "" if policy is None else policy.lead_channel
    leads = [one for one in channels if lead and one.slug == lead]
    return (leads or [one for one in channels if not one.routes] or channels)[:1]


def _in_channel(tx: Tx, channel: Channel, whose: Collection[MemberId], now: Moment) -> bool:
    ids = seen_there(tx, channel, to_leave(tx, channel.brand_id, whose))
    is_bare = not ids and not tx.promises.open_in(channel.brand_id, 1)
    if is_bare and not tx.duties.leaves.waiting_posts(channel.brand_id, 1):
        return False
    for one in tx.peaks.going_on(channel.id):
        if one.rolling == ABOUT and one.started_at + TOGETHER <= now:
            tx.peaks.end(one.id, now)
            tx.due.drop(rolling.key_of(one.id))
            tx.cards.turn(CardKind.PEAK, one.id, now, how="A later hand-over has the rest")
    begun = rolling.begin(tx, channel.brand_id, channel.id, ABOUT, EVERY, now)
    number = begun if begun is not None else rolling.going_on(tx, channel.id, ABOUT)
    if number is None:
        return False
    for item_id in ids:
        tx.peaks.join(number, item_id, ("left", ""), now)
    if begun is None:
        tx.cards.turn(CardKind.PEAK, number, now, how="The desk counted again")
    return True


def to_leave(tx: Tx, brand_id: BrandId, whose: Collection[MemberId]) -> list[ItemId]:
    """What these have, what nobody has, and what waits for an approval."""
    open_ = tx.duties.leaves.open_in(brand_id, MOST)
    asked = waits_for_approval(tx, list(open_))
    return [one for one, who in open_.items() if who is None or who in whose or one in asked]


def waits_for_approval(tx: Tx, ids: Sequence[ItemId]) -> set[ItemId]:
    last = tx.events.last_about_all(Subject.ITEM, ids) if ids else {}
    return {one for one in ids if one in last and last[one].kind is EventKind.APPROVAL_ASKED}


def seen_there(tx: Tx, channel: Channel, ids: Sequence[ItemId]) -> list[ItemId]:
    """Those that all who read the channel may see, in their order."""
    sight = sight_in(tx, channel.brand_id, channel.chat, channel.place.channel)
    seen = set(ids) if sight is None else tx.audiences.items(ids, sight)
    return [one for one in ids if one in seen]
