"""A planned post whose time came before enough people had approved it goes back to its author.

It is never sent late: with another time it waits for approval again. The row is written with the
post, so the moment is kept whatever ran when.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards.card import CardKind
from bot.model.due import DueRow, Lane, NewDue
from bot.model.event import EventKind, Subject
from bot.model.ids import Moment, PostId
from bot.model.post import PostState
from bot.services import reminding
from bot.speech.speech import marked
from bot.store.tx import Tx

LAPSED = marked("Its time came before it was approved. Choose another time.")
HOW = marked("The desk sent this back: its time came before it was approved")


def expect(tx: Tx, post_id: PostId, slot: Moment | None) -> None:
    """Look at the post at its time; a post without one cannot be late."""
    key = f"lapse:{post_id}"
    if slot is None:
        tx.due.drop(key)
        return
    tx.due.put(NewDue("lapse", key, Lane.CARDS, slot, {"post": post_id}))


def lapse(tx: Tx, rows: Sequence[DueRow]) -> list[None]:
    for row in rows:
        number = PostId(row.arg["post"])
        tx.cards.lock_of(CardKind.POST, number)
        if tx.due.done(row):
            _send_back(tx, number)
    return [None] * len(rows)


def _send_back(tx: Tx, number: PostId) -> None:
    post, now = tx.posts.get(number), tx.now()
    if post.state is not PostState.WAITING or post.slot is None or now < post.slot:
        return
    tx.posts.set_state(number, PostState.DRAFT, requested_changes=LAPSED)
    tx.cards.turn(CardKind.POST, number, now, how=HOW)
    reminding.settle(tx, number, (), now)
    kind = EventKind.CHANGES_REQUESTED
    tx.events.add(kind, post.brand_id, Subject.POST, number, now)
    tx.audits.add(post.brand_id, "post_lapsed", Subject.POST, number, now, slot=post.slot)
