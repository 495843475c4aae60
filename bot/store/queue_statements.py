"""Statements of the queue: which cards a filter shows, and how many there are.

Built once per filter; each finds its cards by the index on an item's state.
"""

from __future__ import annotations

from sqlalchemy import (
    ColumnElement,
    Subquery,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    union_all,
)

from bot.cards.card import CardKind
from bot.cards.pages import QueueFilter
from bot.model.item import ItemState
from bot.model.post import PostState
from bot.model.publication import UNSETTLED, PublicationState
from bot.store.schema import ID, card, item, post, post_variant, publication

MOST_COUNTED = 1_000
"""Where counting a filter stops, so that a million old cards cost nothing."""


def _found(wanted: QueueFilter) -> Subquery:
    """Ids of the cards that a filter shows: items by their state's index, and posts."""
    brand_id = bindparam("brand_id", type_=ID)
    mine = card.c.brand_id == brand_id
    parts = []
    items = _items(wanted)
    if items is not None:
        of_item = (card.c.kind == CardKind.ITEM.value) & (card.c.subject_id == item.c.id)
        here = (item.c.brand_id == brand_id) & items
        parts.append(select(card.c.id).join(item, of_item).where(mine, here))
    posts = _posts(wanted)
    if posts is not None:
        of_post = (card.c.kind == CardKind.POST.value) & (card.c.subject_id == post.c.id)
        parts.append(select(card.c.id).join(post, of_post).where(mine, posts))
    return union_all(*parts).subquery()


def _items(wanted: QueueFilter) -> ColumnElement[bool] | None:
    awake = or_(item.c.snoozed_until.is_(None), item.c.snoozed_until <= bindparam("now"))
    open_items = and_(_states(ItemState.OPEN, ItemState.ANSWERING), awake)
    match wanted:
        case QueueFilter.OPEN:
            return open_items
        case QueueFilter.MINE:
            mine = item.c.assignee_id.is_not_distinct_from(bindparam("member_id"))
            return and_(open_items, mine)
        case QueueFilter.POSTS:
            return None
        case QueueFilter.QUIET:
            return and_(_states(ItemState.QUIET), awake)
        case QueueFilter.DONE:
            return _states(ItemState.ANSWERED, ItemState.CLOSED, ItemState.GONE)
        case QueueFilter.BACKLOG:
            return _states(ItemState.MUTED)
        case QueueFilter.ALL:
            return item.c.state != ItemState.NEW.value


def _posts(wanted: QueueFilter) -> ColumnElement[bool] | None:
    waiting = post.c.state.in_([PostState.WAITING.value, PostState.DRAFT.value])
    over = post.c.state.in_([PostState.APPROVED.value, PostState.CANCELLED.value])
    match wanted:
        case QueueFilter.OPEN:
            return or_(waiting, _unsettled_post())
        case QueueFilter.DONE:
            return and_(over, ~_unsettled_post())
        case QueueFilter.POSTS | QueueFilter.ALL:
            return post.c.id.is_not(None)
        case _:
            return None


def _states(*states: ItemState) -> ColumnElement[bool]:
    return item.c.state.in_([state.value for state in states])


def _unsettled_post() -> ColumnElement[bool]:
    """An approved post of which a variant is not out yet, or did not get out."""
    pending = [*(state.value for state in UNSETTLED), PublicationState.FAILED.value]
    variants = select(post_variant.c.id).where(post_variant.c.post_id == post.c.id)
    return and_(
        post.c.state == PostState.APPROVED.value,
        exists().where(publication.c.variant_id.in_(variants), publication.c.state.in_(pending)),
    )


_FOUND = {wanted: _found(wanted) for wanted in QueueFilter}

PAGE = {
    wanted: select(card)
    .where(
        card.c.id.in_(
            select(found.c.id)
            .order_by(found.c.id.desc())
            .limit(bindparam("limit"))
            .offset(bindparam("offset"))
        )
    )
    .order_by(card.c.id.desc())
    for wanted, found in _FOUND.items()
}
"""Newest first; takes brand_id, member_id, now, limit and offset."""

COUNT = {
    wanted: select(func.count()).select_from(select(found.c.id).limit(MOST_COUNTED).subquery())
    for wanted, found in _FOUND.items()
}
"""Counted up to `MOST_COUNTED`; takes brand_id, member_id and now."""
