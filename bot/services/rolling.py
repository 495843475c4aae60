"""Rolling cards: many items in one message of a channel, which is redrawn at most so often.

Whoever begins one gets a card and a due row; what joins it is counted at the next redraw.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.cards.kinds import CardKind
from bot.model.channel import Channel, Shows
from bot.model.due import NEVER_DEAD, Lane, NewDue
from bot.model.ids import MINUTE, BrandId, ChannelId, Moment, PeakId
from bot.model.item import Item
from bot.model.peak import Rolling
from bot.store.tx import Tx

EVERY = MINUTE
"""Milliseconds between two redraws of a card that tells what waits."""
TOGETHER = 10 * MINUTE
"""Milliseconds in which what is to be told joins one card; then another message tells it."""
WAITING = ("waiting", "")
"""The cluster of what waits, where a card makes no difference."""


def begin(
    tx: Tx,
    brand_id: BrandId,
    channel_id: ChannelId | None,
    rolling: Rolling,
    every: int,
    now: Moment,
    posted_at: Moment | None = None,
) -> PeakId | None:
    """Post its card and redraw it every so many milliseconds; None when one goes on already.

    Without a channel it is in the queue, and in the console, alone.
    """
    at = posted_at or now
    number = tx.peaks.begin(brand_id, channel_id, rolling, at)
    if number is None:
        return None
    tx.cards.add(brand_id, CardKind.PEAK, [number], now)
    if channel_id is not None:
        card = tx.cards.of(CardKind.PEAK, number)
        posting = tx.card_refs.add([(card.id, channel_id)], now)
        tx.due.add([replace(one, due_at=at) for one in posting])
    arg, first = {"peak": number}, Moment(at + every)
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


def told_in(
    channels: Sequence[Channel], stands: Sequence[ChannelId], lead: str = ""
) -> Iterable[ChannelId]:
    """The leads' channel, else where the card stands, else the first that shows items."""
    leads = [one.id for one in channels if lead and one.slug == lead]
    open_ = {one.id for one in channels}
    shows = [one.id for one in channels if Shows.ITEMS in one.shows][:1]
    return leads or [one for one in stands if one in open_] or shows


def tell(
    tx: Tx,
    item: Item,
    channel_id: ChannelId,
    about: Rolling,
    now: Moment,
    cluster: tuple[str, str] = WAITING,
) -> None:
    """It joins the card that tells of such things there, or begins another message."""
    pace = tx.channels.get(channel_id).pace
    for one in tx.peaks.going_on(channel_id):
        if one.rolling == about and pace.awake_at(one.started_at) + TOGETHER <= now:
            tx.peaks.end(one.id, now)
    number = begin(tx, item.brand_id, channel_id, about, EVERY, now)
    if number is None:
        number = going_on(tx, channel_id, about)
    if number is not None:
        tx.peaks.join(number, item.id, cluster, now)
