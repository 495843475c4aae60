"""Cards: what the team sees of a thing, with the revision that a press must name; and presses.

A card row is made with the thing it shows. Whatever changes what a person would decide makes
the next revision, and remembers who did it, for the one who comes too late.
"""

from __future__ import annotations

import secrets
import string
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Subquery,
    and_,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    union_all,
    update,
)

from bot.cards.actions import TOKEN_LENGTH
from bot.cards.card import CardKind
from bot.cards.pages import QueueFilter
from bot.model.commands import Outcome, OutcomeKind
from bot.model.ids import BrandId, CardId, CardToken, CommandId, MemberId, Moment
from bot.model.item import ItemState
from bot.model.member import ChatIdentity
from bot.model.post import PostState
from bot.model.publication import UNSETTLED, PublicationState
from bot.store.schema import card, command, item, post, post_variant, publication

_ALPHABET = string.ascii_letters + string.digits

MOST_COUNTED = 1_000
"""Where counting a filter stops, so that a million old cards cost nothing."""


@dataclass(frozen=True, slots=True)
class CardRow:
    id: CardId
    brand_id: BrandId
    token: CardToken
    kind: CardKind
    subject_id: int
    revision: int
    changed_by: MemberId | None
    changed_at: Moment
    changed_how: str


@dataclass(frozen=True, slots=True)
class Press:
    """One press of a button, remembered so that its repeat gives the same answer.

    `fingerprint` names person, card, revision and command: a second press of the same thing.
    """

    id: CommandId
    identity: ChatIdentity
    fingerprint: str
    at: Moment


class Cards:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    def add(self, brand_id: BrandId, kind: CardKind, subjects: Sequence[int], at: Moment) -> None:
        rows = [
            {
                "brand_id": brand_id,
                "token": "".join(secrets.choice(_ALPHABET) for _ in range(TOKEN_LENGTH)),
                "kind": kind.value,
                "subject_id": subject_id,
                "revision": 1,
                "changed_at": at,
            }
            for subject_id in subjects
        ]
        if rows:
            self._c.execute(insert(card), rows)

    def by_token(self, token: CardToken) -> CardRow | None:
        row = self._c.execute(select(card).where(card.c.token == token)).one_or_none()
        return None if row is None else _card(row)

    def of(self, kind: CardKind, subject_id: int) -> CardRow:
        mine = (card.c.kind == kind.value) & (card.c.subject_id == subject_id)
        return _card(self._c.execute(select(card).where(mine)).one())

    def turn(
        self,
        kind: CardKind,
        subject_id: int,
        at: Moment,
        *,
        how: str,
        by: MemberId | None = None,
    ) -> None:
        """The next revision. `how` is a past-tense clause: `published this reply`."""
        mine = (card.c.kind == kind.value) & (card.c.subject_id == subject_id)
        self._c.execute(
            update(card)
            .where(mine)
            .values(revision=card.c.revision + 1, changed_by=by, changed_at=at, changed_how=how)
        )

    # The queue

    def page(
        self,
        brand_id: BrandId,
        wanted: QueueFilter,
        member_id: MemberId | None,
        now: Moment,
        limit: int,
        offset: int,
    ) -> list[CardRow]:
        """Newest first."""
        found = _found(brand_id, wanted, member_id, now)
        page = select(found.c.id).order_by(found.c.id.desc()).limit(limit).offset(offset)
        statement = select(card).where(card.c.id.in_(page)).order_by(card.c.id.desc())
        return [_card(r) for r in self._c.execute(statement)]

    def count(
        self, brand_id: BrandId, wanted: QueueFilter, member_id: MemberId | None, now: Moment
    ) -> int:
        """How many cards, counted up to `MOST_COUNTED`."""
        found = _found(brand_id, wanted, member_id, now)
        some = select(found.c.id).limit(MOST_COUNTED).subquery()
        return int(self._c.execute(select(func.count()).select_from(some)).scalar_one())

    # Presses

    def answered(self, press: Press) -> Outcome | None:
        """What this press, or an equal one of the same person, was answered before."""
        same = (command.c.id == press.id) | (
            (command.c.press == press.fingerprint) & (command.c.kind == OutcomeKind.DONE.value)
        )
        row = self._c.execute(select(command).where(same).limit(1)).first()
        return None if row is None else Outcome(OutcomeKind(row.kind), row.says, row.note)

    def forget_presses(self, before: int) -> None:
        self._c.execute(delete(command).where(command.c.at < before))

    def remember(self, press: Press, outcome: Outcome) -> None:
        self._c.execute(
            insert(command).values(
                id=press.id,
                chat=press.identity.chat,
                user=press.identity.user,
                kind=outcome.kind.value,
                says=outcome.says,
                note=outcome.note,
                press=press.fingerprint,
                at=press.at,
            )
        )


def _found(
    brand_id: BrandId, wanted: QueueFilter, member_id: MemberId | None, now: Moment
) -> Subquery:
    """Ids of the cards that a filter shows: items by their state's index, and posts."""
    mine = card.c.brand_id == brand_id
    parts = []
    items = _items(wanted, member_id, now)
    if items is not None:
        of_item = (card.c.kind == CardKind.ITEM.value) & (card.c.subject_id == item.c.id)
        here = (item.c.brand_id == brand_id) & items
        parts.append(select(card.c.id).join(item, of_item).where(mine, here))
    posts = _posts(wanted)
    if posts is not None:
        of_post = (card.c.kind == CardKind.POST.value) & (card.c.subject_id == post.c.id)
        parts.append(select(card.c.id).join(post, of_post).where(mine, posts))
    return union_all(*parts).subquery()


def _items(
    wanted: QueueFilter, member_id: MemberId | None, now: Moment
) -> ColumnElement[bool] | None:
    awake = or_(item.c.snoozed_until.is_(None), item.c.snoozed_until <= now)
    open_items = and_(_states(ItemState.OPEN, ItemState.ANSWERING), awake)
    match wanted:
        case QueueFilter.OPEN:
            return open_items
        case QueueFilter.MINE:
            return and_(open_items, item.c.assignee_id == member_id)
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


def _card(r: Any) -> CardRow:
    return CardRow(
        id=CardId(r.id),
        brand_id=BrandId(r.brand_id),
        token=CardToken(r.token),
        kind=CardKind(r.kind),
        subject_id=r.subject_id,
        revision=r.revision,
        changed_by=None if r.changed_by is None else MemberId(r.changed_by),
        changed_at=Moment(r.changed_at),
        changed_how=r.changed_how,
    )
