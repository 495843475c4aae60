"""Rolling cards: many items in one message of a channel, which is redrawn at most so often.

Whoever begins one gets a card and a due row; what joins it is counted at the next redraw.
"""

from __future__ import annotations

from bot.cards.kinds import CardKind
from bot.model.due import NEVER_DEAD, Lane, NewDue
from bot.model.ids import BrandId, ChannelId, Moment, PeakId
from bot.model.peak import Rolling
from bot.store.tx import Tx


def begin(
    tx: Tx, brand_id: BrandId, channel_id: ChannelId, rolling: Rolling, every: int, now: Moment
) -> PeakId | None:
    """Post its card and redraw it every so many milliseconds; None when one goes on already."""
    number = tx.peaks.begin(brand_id, channel_id, rolling, now)
    if number is None:
        return None
    tx.cards.add(brand_id, CardKind.PEAK, [number], now)
    card = tx.cards.of(CardKind.PEAK, number)
    tx.due.add(tx.card_refs.add([(card.id, channel_id)], now))
    arg, first = {"peak": number}, Moment(now + every)
    tx.due.add([NewDue("peak", key_of(number), Lane.CARDS, first, arg, every, NEVER_DEAD)])
    return number


def key_of(number: PeakId) -> str:
    """Of the due row that redraws it for as long as it goes on."""
    return f"peak:{number}"


def joined_due(number: PeakId, now: Moment, wait: int) -> NewDue:
    """One redraw after so many milliseconds, however much joins it until then."""
    key, at = f"{key_of(number)}:joined", Moment(now + wait)
    return NewDue("peak", key, Lane.CARDS, at, {"peak": number}, max_attempts=NEVER_DEAD)


def going_on(tx: Tx, channel_id: ChannelId, rolling: Rolling) -> PeakId | None:
    found = (one for one in tx.peaks.going_on(channel_id) if one.rolling == rolling)
    return next((one.id for one in found), None)
