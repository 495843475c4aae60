"""Calling off a reply that has not left yet, because the world changed under it."""

from __future__ import annotations

from bot.model.event import EventKind, Subject
from bot.model.ids import Moment
from bot.model.item import Item, ItemState
from bot.model.publication import PublicationState
from bot.store.tx import Tx

_NOT_OUT = frozenset({PublicationState.QUEUED, PublicationState.FAILED})


def cancel_waiting(tx: Tx, item: Item, now: Moment, *, why: str) -> bool:
    """Cancel the item's queued or failed publication, if it has one, and open the item again.

    What is `sending` or `unknown` may have left already and is not touched. `why` is a clause
    for the card: `the author changed the text`.
    """
    publication = tx.publications.latest_of_item(item.id)
    if publication is None or publication.state not in _NOT_OUT:
        return False
    moved = tx.publications.move(
        publication.id,
        publication.state,
        PublicationState.CANCELLED,
        trouble=f"Not sent: {why}.",
    )
    if moved:
        tx.due.drop(f"publish:{publication.id}")
        tx.drafts.void_approvals(publication.approval_id)
        if item.state is ItemState.ANSWERING:
            tx.items.set_state(item.id, ItemState.OPEN)
        tx.events.add(
            EventKind.PUBLICATION_CANCELLED, item.brand_id, Subject.ITEM, item.id, now, why=why
        )
        tx.audits.add(
            item.brand_id,
            "publication_cancelled",
            Subject.ITEM,
            item.id,
            now,
            publication=publication.id,
            why=why,
        )
    return moved
