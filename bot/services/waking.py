"""Snoozes that come back: at their time, or as soon as their author says something more.

    its time comes        one due row for each snoozed item
    the author writes     a new comment of theirs, or this one in other words, ends it at once

Either way the item is in the queue again, its card says whose snooze it was, and a new message in
its channel tells whoever snoozed it, or nobody by name while they are away. What comes back close
together is one message, so a cluster that was snoozed comes back as one.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards.card import CardKind
from bot.model.due import DueRow, Lane, NewDue
from bot.model.event import EventKind, Subject
from bot.model.ids import ItemId, Moment
from bot.model.item import UNDECIDED, Item, ItemState
from bot.model.peak import Rolling, RollKind
from bot.services import rolling
from bot.store.goals import WROTE_AGAIN
from bot.store.tx import Tx

TIME_CAME = "The desk ended its snooze"
WROTE = "Its author wrote more, which ended its snooze"


def wake_due(item_id: ItemId, until: Moment) -> NewDue:
    return NewDue("wake", wake_key(item_id), Lane.CARDS, until, {"item": item_id})


def wake_key(item_id: ItemId) -> str:
    return f"wake:{item_id}"


def wake(tx: Tx, rows: Sequence[DueRow]) -> list[None]:
    """Their time has come."""
    for row in rows:
        number = ItemId(row.arg["item"])
        if tx.items.maybe(number) is None:
            tx.due.done(row)
            continue
        tx.cards.lock_of(CardKind.ITEM, number)  # it may be decided at the same moment
        if tx.due.done(row):
            _bring_back(tx, [tx.items.get(number)], TIME_CAME, rolling.WAITING)
    return [None] * len(rows)


def authors_wrote(tx: Tx, said: Sequence[Item]) -> None:
    """What these authors had written before and somebody snoozes is back."""
    authors = {one.author_id for one in said if one.state is ItemState.NEW or one.snoozed_until}
    found = tx.items.snoozed_of(authors) if authors else []
    for item in found:
        tx.due.drop(wake_key(item.id))
    _bring_back(tx, found, WROTE, WROTE_AGAIN)


def _bring_back(tx: Tx, found: Sequence[Item], how: str, cluster: tuple[str, str]) -> None:
    now = tx.now()
    stands = tx.goals.stands([one.id for one in found])
    for item in found:
        tx.items.wake(item.id)
        tx.cards.turn(CardKind.ITEM, item.id, now, how=how)
        tx.events.add(EventKind.ITEM_WOKE, item.brand_id, Subject.ITEM, item.id, now, how=how)
        if item.state in UNDECIDED:
            channels = tx.channels.of_brand(item.brand_id)
            about = Rolling(RollKind.WOKE, _whom(tx, item, now))
            for channel_id in rolling.told_in(channels, stands.get(item.id, [])):
                rolling.tell(tx, item, channel_id, about, now, cluster)


def _whom(tx: Tx, item: Item, now: Moment) -> int:
    member = None if item.snoozed_by is None else tx.people.get(item.snoozed_by)
    is_here = member is not None and member.is_active and not member.is_away(now)
    return member.id if member is not None and is_here else 0
