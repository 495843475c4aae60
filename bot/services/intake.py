"""Intake: what a network told becomes items, in one transaction with what must happen next.

    observation            known?   becomes
    -----------            ------   -------
    somebody's item        no       item, author, conversation, card, due row `triage`
    somebody's item        yes      nothing, or an edit: next revision, drafts void
    our own item           -        an echo of a publication (adopted when its answer was lost),
                                    or a native reply: the item it answers is closed
    removal                yes      the item is gone: drafts void, what waits to leave cancelled
    unsupported            -        kept and counted

Of an author who asked to be forgotten only the key of an item is stored, muted, so that it is
known; what they edit is not read.

An item is unique on account and remote id, so a hook, a poll and a stream may all tell the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.cards.kinds import CardKind
from bot.faults import FaultPoint, reach
from bot.model.account import Account
from bot.model.due import DueRow, Lane, NewDue
from bot.model.event import EventKind, Subject
from bot.model.ids import HOUR, AccountId, ItemId, Moment, RemoteId
from bot.model.item import Item, ItemState
from bot.model.media import PostPicture, told_pictures
from bot.model.network import Cursor, IncomingItem, Leg, Observation, Removal, Unsupported
from bot.model.publication import UNSETTLED, PublicationState
from bot.model.text import folded, storable
from bot.services import echoes
from bot.services.cancelling import cancel_waiting
from bot.services.clean_items import LONGEST_KEY, clean, is_endless, without_words
from bot.services.first_day_due import first_day_due
from bot.store.authors import KnownAuthor
from bot.store.events import event_row
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
            if not _finish_fetch(tx, delivery.account_id, delivery.fetched, first, now):
                accepted.append(False)
                continue
        accepted.append(True)
        group = groups.setdefault(delivery.account_id, [])
        group.extend((observation, first) for observation in delivery.observations)
    for account_id, group in groups.items():
        account = tx.accounts.heard(account_id, now)
        if group:
            _take_account(tx, account, group, now)
    return accepted


def _finish_fetch(
    tx: Tx, account_id: AccountId, fetched: Fetched, first: bool, now: Moment
) -> bool:
    row = fetched.row
    alive = tx.due.at_once(row) if fetched.more else tx.due.done(row)
    if alive:
        # The first sync lasts until its last page: only then is what comes news.
        synced = Moment(0) if first and fetched.more else now
        tx.accounts.move(account_id, fetched.leg, fetched.cursor, synced)
        if first and not fetched.more:
            tx.due.put(first_day_due(account_id, now))
        reach(FaultPoint.POLL_CURSOR)
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
            case IncomingItem() if is_endless(observation):
                unsupported.append(Unsupported("endless id", observation.remote_id[:LONGEST_KEY]))
            case IncomingItem(by_us=True):
                own.append(clean(observation))
            case IncomingItem():
                incoming = clean(observation)
                latest[incoming.remote_id] = (incoming, first)
            case Removal(remote_id=remote_id):
                removed.append(RemoteId(storable(remote_id)))
            case Unsupported():
                unsupported.append(observation)
    people = {incoming.author.remote_id for incoming, _first in latest.values()}
    authors = tx.items.known_authors(account.id, sorted(people))
    forgotten = {key for key, author in authors.items() if author.is_forgotten}
    known = tx.items.known(account.id, [*latest, *removed])
    fresh = {
        key: (without_words(one) if one.author.remote_id in forgotten else one, first)
        for key, (one, first) in latest.items()
        if key not in known
    }
    added = _store_new(tx, account, fresh, authors, now)
    # What another transaction stored while this one waited for it; and what is gone already.
    unread = [key for key in fresh if key not in added or key in removed]
    known |= tx.items.known(account.id, unread)
    for key, (incoming, _first) in latest.items():
        if key in known and key not in added and incoming.author.remote_id not in forgotten:
            _see_again(tx, known[key], incoming, now)
    echoes.take_own(tx, account, own, now)
    for remote_id in removed:
        if remote_id in known:
            _remove(tx, known[remote_id], now)
    if unsupported:
        kept = tx.erasures.without_the_forgotten(account.id, unsupported)
        tx.events.keep_unsupported(kept, account.network, account.id, now)


def _store_new(
    tx: Tx,
    account: Account,
    fresh: dict[RemoteId, tuple[IncomingItem, bool]],
    known_authors: Mapping[RemoteId, KnownAuthor],
    now: Moment,
) -> dict[RemoteId, ItemId]:
    """The items that were stored; one that another transaction was faster with is not."""
    if not fresh:
        return {}
    people = [incoming.author for incoming, _ in fresh.values()]
    authors = tx.items.save_authors(account.id, people, known_authors)
    roots = {
        incoming.thread_remote_id or incoming.remote_id: incoming.thread_title
        for incoming, _ in fresh.values()
    }
    # a thread may be told again with a title in the words of somebody forgotten
    wordless = tx.erasures.wordless(account.id, sorted(roots))
    roots |= dict.fromkeys(wordless, "")
    conversations = tx.items.save_conversations(account.id, roots, now)
    tx.items.picture_threads(account.id, _pictured(fresh.values(), wordless))
    rows = []
    for incoming, first in fresh.values():
        root = incoming.thread_remote_id or incoming.remote_id
        is_old = first and incoming.published_at < now - FRESH
        author = known_authors.get(incoming.author.remote_id)
        muted = is_old or (author is not None and author.is_forgotten)
        rows.append(
            _columns(account, incoming, ItemState.MUTED if muted else ItemState.NEW, now)
            | {
                "author_id": authors[incoming.author.remote_id],
                "conversation_id": conversations[root],
            }
        )
    ids = tx.items.add(rows)
    # In the order they were said: newer items get higher numbers wherever the store allows it.
    tx.cards.add(account.brand_id, CardKind.ITEM, sorted(ids.values()), now)
    audible = [
        ids[RemoteId(row["remote_id"])]
        for row in rows
        if row["state"] == ItemState.NEW.value and row["remote_id"] in ids
    ]
    tx.due.add([triage_due(item_id, now) for item_id in audible])
    facts = {"network": account.network}
    tx.events.add_many([_received(account, item_id, now, facts) for item_id in audible])
    return ids


def _pictured(
    fresh: Iterable[tuple[IncomingItem, bool]], wordless: Collection[RemoteId]
) -> dict[RemoteId, PostPicture]:
    """The pictures of the posts that these stand under, but of nobody who is forgotten."""
    found = {}
    for incoming, _first in fresh:
        picture, root = told_pictures(incoming.thread_media), incoming.thread_remote_id
        if picture is not None and root is not None and root not in wordless:
            found[root] = picture
    return found


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


def _received(
    account: Account, item_id: ItemId, now: Moment, facts: Mapping[str, str]
) -> dict[str, Any]:
    kind = EventKind.ITEM_RECEIVED
    return event_row(kind, account.brand_id, Subject.ITEM, item_id, now, facts)


def triage_due(item_id: ItemId, now: Moment) -> NewDue:
    return NewDue("triage", f"triage:{item_id}", Lane.TRIAGE, now, {"item": item_id})


def _see_again(tx: Tx, item: Item, incoming: IncomingItem, now: Moment) -> None:
    """Nothing, an edit, or a return from the dead."""
    if item.state is ItemState.GONE:
        _bring_back(tx, item, now)
        item = tx.items.get(item.id)
    if folded(item.text) == folded(incoming.text):
        return
    tx.items.edit(item, incoming.text, incoming.media)
    tx.items.set_hints(item.id, incoming.hints)
    tx.drafts.void(item.id)
    cancel_waiting(tx, item, now, why="the author changed the text")
    tx.cards.turn(CardKind.ITEM, item.id, now, how="The author changed the text of this comment")
    tx.events.add(EventKind.ITEM_EDITED, item.brand_id, Subject.ITEM, item.id, now)
    if tx.items.get(item.id).state in {ItemState.NEW, ItemState.OPEN, ItemState.QUIET}:
        tx.due.put(triage_due(item.id, now))


def _bring_back(tx: Tx, item: Item, now: Moment) -> None:
    """A deleted comment is there again: open, unless ours stands below it or may."""
    tx.items.bring_back(item.id)
    publication = tx.publications.latest_of_item(item.id)
    if publication is not None and publication.state in UNSETTLED:
        tx.items.set_state(item.id, ItemState.ANSWERING)
    elif (
        publication is not None and publication.state is PublicationState.PUBLISHED
    ) or tx.items.native_reply(item.id) is not None:
        tx.items.answer(item.id, now)
    else:
        tx.due.put(triage_due(item.id, now))
    tx.cards.turn(CardKind.ITEM, item.id, now, how="The author brought this back on the network")
    tx.events.add(EventKind.ITEM_REOPENED, item.brand_id, Subject.ITEM, item.id, now)


def _remove(tx: Tx, item: Item, now: Moment) -> None:
    if item.state is ItemState.GONE:
        return
    cancel_waiting(tx, item, now, why="the comment was deleted")
    tx.drafts.void(item.id)
    tx.items.set_state(item.id, ItemState.GONE)
    tx.cards.turn(CardKind.ITEM, item.id, now, how="The author deleted this comment")
    tx.events.add(EventKind.ITEM_REMOVED, item.brand_id, Subject.ITEM, item.id, now)
