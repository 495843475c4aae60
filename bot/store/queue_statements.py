"""Statements of the queue: which cards a filter shows, and how many there are.

Built once per filter, when somebody looks through it first: all of them together are 5 MiB, and
most desks use three. Each looks only at about what it returns, however much is stored. A page
takes the newest things of each state from the index of their states, already in order, and merges
them. A thing and its card are numbered in one transaction, on PostgreSQL not always in the order
in which another one numbers its own at the same time: so a page looks `OUT_OF_STEP` things further
than it reaches, and then sorts by the numbers of the cards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    Table,
    and_,
    bindparam,
    desc,
    exists,
    func,
    literal,
    or_,
    select,
    text,
    true,
    union,
    union_all,
)

from bot.cards.kinds import CardKind, QueueFilter
from bot.model.crisis import CrisisState
from bot.model.hold import HoldChangeState
from bot.model.incident import IncidentState
from bot.model.item import ItemState
from bot.model.peak import SET_ASIDE, RollKind
from bot.model.post import PostState
from bot.model.publication import UNSETTLED, PublicationState
from bot.model.question import QuestionState
from bot.store.schema import (
    ID,
    card,
    crisis,
    crisis_update,
    held_post,
    hold_change,
    holding_statement,
    incident,
    item,
    peak,
    post,
    post_variant,
    practice,
    publication,
    question,
)
from bot.store.seen import incident_is_seen, item_is_seen, peak_is_seen, question_is_seen
from bot.store.statement import Statement

MOST_COUNTED = 1_000
"""Where counting a filter stops, so that a million old cards cost nothing."""
OUT_OF_STEP = 200
"""How many things others may number between one and its card: two polls' worth."""

Things = CompoundSelect[int] | Select[int]
Parts = Sequence[ColumnElement[bool]]
"""Conditions of which a thing meets one or none; each is met by one range of an index."""

_P = PublicationState
_AWAKE = or_(item.c.snoozed_until.is_(None), item.c.snoozed_until <= bindparam("now"))
IS_SOMEBODYS = item.c.id.not_in(select(practice.c.item_id))
"""Practice is in nobody's queue."""
_MINE = item.c.assignee_id.is_not_distinct_from(bindparam("member_id"))


NEVER = literal(2**62)
"""Later than whatever is due."""
BY_TIME_LEFT: dict[QueueFilter, ColumnElement[bool]] = {
    QueueFilter.OPEN: _AWAKE,
    QueueFilter.MINE: and_(_AWAKE, _MINE),
}
"""Filters in which what is due first comes first, and which items they show."""


_HIDDEN: Mapping[CardKind, Callable[[], ColumnElement[bool]]] = {
    CardKind.ITEM: item_is_seen,
    CardKind.PEAK: peak_is_seen,
    CardKind.INCIDENT: incident_is_seen,
    CardKind.QUESTION: question_is_seen,
}
"""Kinds of which not everybody sees everything, with what is seen."""


def _page(wanted: QueueFilter, *, is_whole: bool) -> Select[*tuple[Any, ...]]:
    """What is due first, then the newest things; of each kind at most `most` are looked at."""
    waits = wanted in BY_TIME_LEFT
    things = _things(wanted, is_whole=is_whole)
    parts = [_cards(kind, some, by_time=waits) for kind, some in things.items()]
    if waits:
        due = _first_due(BY_TIME_LEFT[wanted], is_whole=is_whole)
        parts.append(_cards(CardKind.ITEM, due, by_time=True))
    # one that is both newest and due first is there once
    found = union(*parts).subquery()
    order = (found.c.due_at, found.c.id.desc())
    shown = (
        select(found).order_by(*order).limit(bindparam("limit")).offset(bindparam("offset"))
    ).subquery()
    return (
        select(card)
        .join(shown, shown.c.id == card.c.id)
        .order_by(shown.c.due_at, shown.c.id.desc())
    )


def _cards(kind: CardKind, things: Things, *, by_time: bool) -> Select[int, int]:
    """Their numbers, each with when it is due where that orders them."""
    some = things.limit(bindparam("most")).subquery()
    of_kind = (card.c.kind == kind.value) & (card.c.subject_id == some.c.id)
    is_due = by_time and kind is CardKind.ITEM
    due = func.coalesce(item.c.due_at, NEVER) if is_due else NEVER
    found = select(card.c.id, due.label("due_at")).select_from(some).join(card, of_kind)
    return found.join(item, item.c.id == some.c.id) if is_due else found


def _first_due(also: ColumnElement[bool], *, is_whole: bool) -> Select[int]:
    """Items that wait for a reply by some time, from the index of those."""
    here = item.c.brand_id == bindparam("brand_id", type_=ID)
    waits = text("state IN ('open', 'answering')")  # the words of the index: only so it is used
    waiting = select(item.c.id).where(here, item.c.due_at.is_not(None), waits, also)
    if not is_whole:
        waiting = waiting.where(item_is_seen())
    return waiting.order_by(item.c.due_at, item.c.id)


def _count(wanted: QueueFilter, *, is_whole: bool) -> Select[int]:
    """Each thing has a card, so cards need not be looked at."""
    counted = [
        select(things.limit(MOST_COUNTED).subquery().c.id)
        for things in _things(wanted, is_whole=is_whole).values()
    ]
    found = union_all(*counted).limit(MOST_COUNTED).subquery()
    return select(func.count()).select_from(found)


def _things(wanted: QueueFilter, *, is_whole: bool) -> dict[CardKind, CompoundSelect[int]]:
    """The numbers of what a filter shows, newest first, by the kind of their cards."""
    parts = (
        (CardKind.ITEM, item, _items(wanted)),
        (CardKind.POST, post, _posts(wanted)),
        (CardKind.PEAK, peak, _peaks(wanted)),
        (CardKind.INCIDENT, incident, _incidents(wanted)),
        (CardKind.CRISIS, crisis, _crises(wanted)),
        (CardKind.HOLD, hold_change, _hold_changes(wanted)),
        (CardKind.UPDATE, crisis_update, _updates(wanted)),
        (CardKind.STATEMENT, holding_statement, _statements(wanted)),
        (CardKind.QUESTION, question, _questions(wanted)),
    )
    return {
        kind: _newest(table, conditions, true() if is_whole else _is_seen(kind))
        for kind, table, conditions in parts
        if conditions
    }


def _is_seen(kind: CardKind) -> ColumnElement[bool]:
    seen = _HIDDEN.get(kind)
    return true() if seen is None else seen()


def _newest(table: Table, parts: Parts, is_seen: ColumnElement[bool]) -> CompoundSelect[int]:
    """Ranges that are in order each are merged, not sorted, and only as far as somebody reads."""
    here = (table.c.brand_id == bindparam("brand_id", type_=ID)) & is_seen
    return union_all(*(select(table.c.id).where(here, part) for part in parts)).order_by(desc("id"))


def _items(wanted: QueueFilter) -> Parts:
    match wanted:
        case QueueFilter.OPEN:
            return _states(ItemState.OPEN, ItemState.ANSWERING, also=_AWAKE)
        case QueueFilter.MINE:
            return _states(ItemState.OPEN, ItemState.ANSWERING, also=and_(_AWAKE, _MINE))
        case QueueFilter.POSTS:
            return ()
        case QueueFilter.QUIET:
            return _states(ItemState.QUIET, also=_AWAKE)
        case QueueFilter.DONE:
            return _states(ItemState.ANSWERED, ItemState.CLOSED, ItemState.GONE)
        case QueueFilter.BACKLOG:
            return _states(ItemState.MUTED)
        case QueueFilter.ALL:
            return _states(*(state for state in ItemState if state is not ItemState.NEW))


def _states(*states: ItemState, also: ColumnElement[bool] | None = None) -> Parts:
    asked = true() if also is None else also
    return [and_(item.c.state == state.value, IS_SOMEBODYS, asked) for state in states]


def _posts(wanted: QueueFilter) -> Parts:
    waiting = post.c.state.in_([PostState.WAITING.value, PostState.DRAFT.value])
    over = post.c.state.in_([PostState.APPROVED.value, PostState.CANCELLED.value])
    match wanted:
        case QueueFilter.OPEN:
            return [or_(waiting, _unsettled_post())]
        case QueueFilter.DONE:
            return [and_(over, ~_unsettled_post())]
        case QueueFilter.POSTS | QueueFilter.ALL:
            return [true()]
        case _:
            return ()


def _unsettled_post() -> ColumnElement[bool]:
    """An approved post of which a variant is not out yet, or did not get out."""
    pending = [*(state.value for state in UNSETTLED), PublicationState.FAILED.value]
    variants = select(post_variant.c.id).where(post_variant.c.post_id == post.c.id).correlate(post)
    return and_(
        post.c.state == PostState.APPROVED.value,
        exists().where(publication.c.variant_id.in_(variants), publication.c.state.in_(pending)),
    )


def _peaks(wanted: QueueFilter) -> Parts:
    shown = {QueueFilter.OPEN: {RollKind.PEAK, RollKind.PAST}, QueueFilter.QUIET: SET_ASIDE}
    kinds = [kind.value for kind in sorted(shown.get(wanted, ()))]
    return [and_(peak.c.ended_at.is_(None), peak.c.kind.in_(kinds))] if kinds else ()


def _incidents(wanted: QueueFilter) -> Parts:
    firing = incident.c.state == IncidentState.FIRING.value
    acknowledged = incident.c.state == IncidentState.ACKNOWLEDGED.value
    resolved = incident.c.state == IncidentState.RESOLVED.value
    match wanted:
        case QueueFilter.OPEN:
            return [firing, acknowledged]
        case QueueFilter.DONE:
            return [resolved]
        case QueueFilter.ALL:
            return [firing, acknowledged, resolved]
        case _:
            return ()


def _crises(wanted: QueueFilter) -> Parts:
    """One that is over waits until everything that it held is decided."""
    is_live = crisis.c.state.in_([CrisisState.PROPOSED.value, CrisisState.ON.value])
    is_over = crisis.c.state == CrisisState.OVER.value
    held = _asks_about_held(CardKind.CRISIS, crisis)
    match wanted:
        case QueueFilter.OPEN:
            return [or_(is_live, and_(is_over, held))]
        case QueueFilter.DONE:
            return [and_(is_over, ~held)]
        case QueueFilter.ALL:
            return [or_(is_live, is_over)]
        case _:
            return ()


def _hold_changes(wanted: QueueFilter) -> Parts:
    """Whoever asks for one sees it in private; here are those that ask about late posts."""
    is_done = hold_change.c.state == HoldChangeState.DONE.value
    held = _asks_about_held(CardKind.HOLD, hold_change)
    return [and_(is_done, held)] if wanted in {QueueFilter.OPEN, QueueFilter.ALL} else ()


def _asks_about_held(kind: CardKind, table: Table) -> ColumnElement[bool]:
    """Its card asks about a planned post that has not left."""
    waits = [_P.QUEUED.value, _P.SENDING.value, _P.UNKNOWN.value]
    asker = card.alias()
    return exists().where(
        asker.c.kind == kind.value,
        asker.c.subject_id == table.c.id,
        held_post.c.card_id == asker.c.id,
        held_post.c.decided_at.is_(None),
        publication.c.id == held_post.c.publication_id,
        publication.c.state.in_(waits),
    )


def _statements(wanted: QueueFilter) -> Parts:
    waits = and_(
        holding_statement.c.approved_at.is_(None), holding_statement.c.retired_at.is_(None)
    )
    match wanted:
        case QueueFilter.OPEN:
            return [waits]
        case QueueFilter.DONE:
            return [~waits]
        case QueueFilter.ALL:
            return [true()]
        case _:
            return ()


def _questions(wanted: QueueFilter) -> Parts:
    waits = question.c.state == QuestionState.WAITING.value
    match wanted:
        case QueueFilter.MINE:
            return [and_(waits, question.c.asked_id == bindparam("member_id"))]
        case QueueFilter.OPEN:
            return [waits]
        case QueueFilter.DONE:
            return [~waits]
        case QueueFilter.ALL:
            return [true()]
        case _:
            return ()


def _updates(wanted: QueueFilter) -> Parts:
    sent = crisis_update.c.sent_at.is_not(None)
    is_due = and_(~sent, crisis_update.c.is_missed.is_(False))
    match wanted:
        case QueueFilter.OPEN:
            return [is_due]
        case QueueFilter.DONE:
            return [sent]
        case QueueFilter.ALL:
            return [or_(is_due, sent)]
        case _:
            return ()


@cache
def page_of(wanted: QueueFilter, *, is_whole: bool) -> Statement[Select[*tuple[Any, ...]]]:
    """What is due first, then newest first; takes brand_id, member_id, now, limit, offset and most.

    Of what somebody sees who does not see everything it takes `seen` and `reader` too.
    """
    return Statement(_page(wanted, is_whole=is_whole))


@cache
def count_of(wanted: QueueFilter, *, is_whole: bool) -> Statement[Select[int]]:
    """Counted up to `MOST_COUNTED`; takes brand_id, member_id and now, or more as `page_of`."""
    return Statement(_count(wanted, is_whole=is_whole))
