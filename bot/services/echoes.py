"""What our own account wrote, seen again: an echo of ours, or a reply made on the network itself.

An echo proves a publication whose answer was lost. While one of ours may be on its way to the
same item, nothing is called native for sure, because networks change texts: it is only noted, and
ours is not tried again.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards.kinds import CardKind
from bot.model.account import Account
from bot.model.event import EventKind, Subject
from bot.model.ids import Moment, RemoteId
from bot.model.item import Item, ItemKind, ItemState, NativeReply
from bot.model.media import PostPicture, told_pictures
from bot.model.network import IncomingItem
from bot.model.publication import Publication, PublicationState, Receipt
from bot.model.text import folded
from bot.services.cancelling import cancel_waiting
from bot.services.outcomes import Found, published
from bot.store.tx import Tx

_IN_DOUBT = frozenset(
    {PublicationState.SENDING, PublicationState.UNKNOWN, PublicationState.NEEDS_HUMAN}
)

_LOST = frozenset({PublicationState.UNKNOWN, PublicationState.NEEDS_HUMAN})


def take_own(tx: Tx, account: Account, own: Sequence[IncomingItem], now: Moment) -> None:
    if not own:
        return
    ours = tx.publications.of_remote(account.id, [incoming.remote_id for incoming in own])
    parents = [incoming.parent_remote_id for incoming in own if incoming.parent_remote_id]
    known = tx.items.known(account.id, parents)
    for incoming in own:
        if incoming.remote_id in ours:
            continue
        parent = known.get(incoming.parent_remote_id) if incoming.parent_remote_id else None
        if incoming.kind is ItemKind.POST and incoming.parent_remote_id is None:
            # Written on the network itself: what people say under it is ours to see.
            tx.items.watch_thread(
                account.id,
                incoming.remote_id,
                incoming.text,
                incoming.permalink,
                incoming.published_at,
            )
        if incoming.parent_remote_id is None or parent is not None:
            _take_one(tx, account, parent, incoming, now)
    tx.items.picture_threads(account.id, _pictured(own))


def _pictured(own: Sequence[IncomingItem]) -> dict[RemoteId, PostPicture]:
    """The pictures of our posts, of those too that left from here: now the network has them."""
    posts = [one for one in own if one.kind is ItemKind.POST and one.parent_remote_id is None]
    told = {one.remote_id: told_pictures(one.media) for one in posts}
    return {key: picture for key, picture in told.items() if picture is not None}


def _take_one(
    tx: Tx, account: Account, parent: Item | None, incoming: IncomingItem, now: Moment
) -> None:
    waiting = tx.publications.without_receipt(account.id, None if parent is None else parent.id)
    for publication in waiting:
        if folded(publication.text) == folded(incoming.text) and _could_be(publication, incoming):
            receipt = Receipt(incoming.remote_id, incoming.permalink)
            is_lost = publication.state in _LOST
            published(tx, publication, receipt, now, Found.SHOWN if is_lost else None)
            return
    if parent is None:
        return
    if any(publication.state in _IN_DOUBT for publication in waiting):
        tx.items.set_native_reply(parent.id, _native(incoming))
    else:
        _answered_natively(tx, parent, incoming, now)


def _could_be(publication: Publication, incoming: IncomingItem) -> bool:
    """An older reply with the same words is not this one; a minute of clock skew is allowed."""
    return incoming.published_at >= publication.created_at - 60_000


def _native(incoming: IncomingItem) -> NativeReply:
    return NativeReply(incoming.remote_id, incoming.permalink, incoming.text)


def _is_recorded(tx: Tx, item: Item) -> bool:
    """Closed by a reply of ours that shadow kept: what the team says there stands beside it."""
    latest = tx.publications.latest_of_item(item.id)
    recorded = latest is not None and latest.state is PublicationState.RECORDED
    return recorded and item.state is ItemState.CLOSED


def _answered_natively(tx: Tx, item: Item, incoming: IncomingItem, now: Moment) -> None:
    over = {ItemState.ANSWERED, ItemState.GONE, ItemState.CLOSED}
    if item.state in over and not _is_recorded(tx, item):
        return
    cancel_waiting(tx, item, now, why="somebody of the team answered on the network")
    tx.items.set_native_reply(item.id, _native(incoming))
    is_past = item.state is ItemState.MUTED
    tx.items.answer(item.id, min(now, incoming.published_at) if is_past else now)
    tx.due.drop(f"draft:{item.id}")
    if not is_past:
        how = "Somebody of the team answered this on the network itself"
        tx.cards.turn(CardKind.ITEM, item.id, now, how=how)
        tx.events.add(EventKind.ITEM_ANSWERED_NATIVELY, item.brand_id, Subject.ITEM, item.id, now)
