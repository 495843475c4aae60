"""Intake: what a network told becomes items, in one transaction with what must happen next.

    observation            known?   becomes
    -----------            ------   -------
    somebody's item        no       item, author, conversation, card, due row `triage`
    somebody's item        yes      nothing, or an edit: next revision, drafts void
    our own item           -        an echo of a publication (adopted when its answer was lost),
                                    or a native reply: the item it answers is closed
    removal                yes      the item is gone: drafts void, what waits to leave cancelled
    unsupported            -        kept and counted

An item is unique on account and remote id, so a hook, a poll and a stream may all tell the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.cards.card import CardKind
from bot.model.account import Account
from bot.model.due import DueRow, Lane, NewDue
from bot.model.event import EventKind, Subject
from bot.model.ids import HOUR, AccountId, ItemId, Moment, RemoteId
from bot.model.item import Item, ItemState
from bot.model.network import Cursor, IncomingItem, Leg, Observation, Removal, Unsupported
from bot.model.text import folded, storable
from bot.services import echoes
from bot.services.cancelling import cancel_waiting
from bot.store.items import media_json
from bot.store.tx import Tx

FRESH = HOUR
"""On a first sync, what is older than this (milliseconds) is stored silently."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """Where a fetch ended: its leg, the next cursor, and the due row it was made for."""

    leg: Leg
    cursor: Cursor | None
    more: bool
    row: DueRow


@dataclass(frozen=True, slots=True)
class Delivery:
    """Observations of one account, from a hook or stream (`fetched` None) or from a fetch."""

    account_id: AccountId
    observations: tuple[Observation, ...]
    fetched: Fetched | None = None


def take(tx: Tx, deliveries: Sequence[Delivery]) -> list[bool]:
    """Store deliveries; False for a fetch that lost its lease: its successor brings the same."""
    now = tx.now()
    accepted = []
    groups: dict[AccountId, list[tuple[Observation, bool]]] = {}
    for delivery in deliveries:
        first = False
        if delivery.fetched is not None:
            first = not tx.accounts.leg(delivery.account_id, delivery.fetched.leg)[1]
            if not _finish_fetch(tx, delivery.account_id, delivery.fetched, now):
                accepted.append(False)
                continue
        accepted.append(True)
        group = groups.setdefault(delivery.account_id, [])
        group.extend((observation, first) for observation in delivery.observations)
    for account_id, group in groups.items():
        tx.accounts.heard(account_id, now)
        if group:
            _take_account(tx, tx.accounts.get(account_id), group, now)
    return accepted


def _finish_fetch(tx: Tx, account_id: AccountId, fetched: Fetched, now: Moment) -> bool:
    row = fetched.row
    alive = tx.due.again(row, 0, counts=False) if fetched.more else tx.due.done(row)
    if alive:
        tx.accounts.move(account_id, fetched.leg, fetched.cursor, now)
        if tx.accounts.clear_trouble(account_id):
            account = tx.accounts.get(account_id)
            tx.events.add(
                EventKind.ACCOUNT_CHANGED, account.brand_id, Subject.ACCOUNT, account_id, now
            )
    return alive


def _take_account(
    tx: Tx, account: Account, group: Sequence[tuple[Observation, bool]], now: Moment
) -> None:
    latest: dict[RemoteId, tuple[IncomingItem, bool]] = {}
    own: list[IncomingItem] = []
    removed: list[RemoteId] = []
    unsupported: list[Unsupported] = []
    for observation, first in group:
        match observation:
            case IncomingItem(by_us=True):
                own.append(observation)
            case IncomingItem():
                latest[observation.remote_id] = (_clean(observation), first)
            case Removal(remote_id=remote_id):
                removed.append(remote_id)
            case Unsupported():
                unsupported.append(observation)
    known = tx.items.known(account.id, [*latest, *removed])
    fresh = {key: value for key, value in latest.items() if key not in known}
    _store_new(tx, account, fresh, now)
    for key, (incoming, _first) in latest.items():
        if key in known:
            _see_again(tx, known[key], incoming, now)
    echoes.take_own(tx, account, own, now)
    for remote_id in removed:
        if remote_id in known:
            _remove(tx, known[remote_id], now)
    tx.events.keep_unsupported(unsupported, account.network, account.id, now)


def _clean(incoming: IncomingItem) -> IncomingItem:
    author = incoming.author
    return replace(
        incoming,
        text=storable(incoming.text),
        thread_title=storable(incoming.thread_title)[:300],
        author=replace(
            author,
            handle=storable(author.handle)[:200],
            display_name=storable(author.display_name)[:200],
        ),
    )


def _store_new(
    tx: Tx, account: Account, fresh: dict[RemoteId, tuple[IncomingItem, bool]], now: Moment
) -> None:
    if not fresh:
        return
    authors = tx.items.save_authors(account.id, [i.author for i, _ in fresh.values()])
    roots = {
        incoming.thread_remote_id or incoming.remote_id: incoming.thread_title
        for incoming, _ in fresh.values()
    }
    conversations = tx.items.save_conversations(account.id, roots, now)
    rows = []
    for incoming, first in fresh.values():
        root = incoming.thread_remote_id or incoming.remote_id
        muted = first and incoming.published_at < now - FRESH
        rows.append(
            _columns(account, incoming, ItemState.MUTED if muted else ItemState.NEW, now)
            | {
                "author_id": authors[incoming.author.remote_id],
                "conversation_id": conversations[root],
                "thread_remote_id": root,
            }
        )
    ids = tx.items.add(rows)
    # In the order they were said: newer items get higher numbers wherever the store allows it.
    tx.cards.add(account.brand_id, CardKind.ITEM, sorted(ids.values()), now)
    audible = [
        ids[RemoteId(row["remote_id"])] for row in rows if row["state"] == ItemState.NEW.value
    ]
    tx.due.add([triage_due(item_id, now) for item_id in audible])
    tx.events.add_many([_received(account, item_id, now) for item_id in audible])


def _columns(
    account: Account, incoming: IncomingItem, state: ItemState, now: Moment
) -> dict[str, Any]:
    return {
        "brand_id": account.brand_id,
        "account_id": account.id,
        "remote_id": incoming.remote_id,
        "kind": incoming.kind.value,
        "text": incoming.text,
        "revision": 1,
        "state": state.value,
        "published_at": incoming.published_at,
        "received_at": now,
        "permalink": incoming.permalink,
        "parent_remote_id": incoming.parent_remote_id,
        "hints": dict(incoming.hints),
        "media": media_json(incoming.media),
    }


def _received(account: Account, item_id: ItemId, now: Moment) -> dict[str, Any]:
    return {
        "at": now,
        "kind": EventKind.ITEM_RECEIVED.value,
        "brand_id": account.brand_id,
        "subject": Subject.ITEM.value,
        "subject_id": item_id,
        "member_id": None,
        "facts": {},
    }


def triage_due(item_id: ItemId, now: Moment) -> NewDue:
    return NewDue("triage", f"triage:{item_id}", Lane.CARDS, now, {"item": item_id})


def _see_again(tx: Tx, item: Item, incoming: IncomingItem, now: Moment) -> None:
    """Nothing, an edit, or a return from the dead."""
    if item.state is ItemState.GONE:
        tx.items.set_state(item.id, ItemState.OPEN)
        tx.cards.turn(CardKind.ITEM, item.id, now, how="brought this back on the network")
        tx.due.put(triage_due(item.id, now))
    if folded(item.text) == folded(incoming.text):
        return
    tx.items.edit(item, incoming.text, incoming.media)
    tx.items.set_hints(item.id, incoming.hints)
    tx.drafts.void(item.id)
    cancel_waiting(tx, item, now, why="the author changed the text")
    tx.cards.turn(CardKind.ITEM, item.id, now, how="changed the text of this comment")
    tx.events.add(EventKind.ITEM_EDITED, item.brand_id, Subject.ITEM, item.id, now)
    if item.state not in {ItemState.MUTED, ItemState.CLOSED, ItemState.ANSWERED}:
        tx.due.put(triage_due(item.id, now))


def _remove(tx: Tx, item: Item, now: Moment) -> None:
    if item.state is ItemState.GONE:
        return
    cancel_waiting(tx, item, now, why="the comment was deleted")
    tx.drafts.void(item.id)
    tx.items.set_state(item.id, ItemState.GONE)
    tx.cards.turn(CardKind.ITEM, item.id, now, how="deleted this comment")
    tx.events.add(EventKind.ITEM_REMOVED, item.brand_id, Subject.ITEM, item.id, now)
