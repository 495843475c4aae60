"""Where each card stands in each channel, and the due rows that keep it there as it is.

A ref is made with its first due row. Whatever turns a card makes its refs due again; one that is
due already, or being worked on, is left alone: whoever works on it looks at the card once more
before it is done.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, select, update

from bot.cards.kinds import CardKind
from bot.model.channel import CardRef, CardRefState
from bot.model.due import NEVER_DEAD, Lane, NewDue
from bot.model.ids import (
    AccountId,
    BrandId,
    CardId,
    CardRefId,
    ChannelId,
    MessageId,
    Moment,
    PostKey,
)
from bot.model.item import UNDECIDED
from bot.model.post import PostState
from bot.store.by_keys import ByKeys
from bot.store.connection import Connection
from bot.store.schema import card, card_ref, item, post, post_variant
from bot.store.statement import Statement
from bot.store.upsert import Upsert

_ADD = Upsert(
    card_ref,
    lambda added: added.on_conflict_do_nothing(index_elements=["card_id", "channel_id"]).returning(
        card_ref.c.id, card_ref.c.state
    ),
)
_SOME = ByKeys(select(card_ref), card_ref.c.id)
_STANDING = ByKeys(
    select(card_ref.c.id, card_ref.c.state)
    .join(card, card.c.id == card_ref.c.card_id)
    .where(card.c.kind == bindparam("kind"), card_ref.c.state != CardRefState.GONE.value),
    card.c.subject_id,
    is_second=True,
)
_SHOWN = select(card_ref.c.id, card_ref.c.state).where(card_ref.c.state == CardRefState.SHOWN.value)
_ITEMS_AT = Statement(
    _SHOWN.join(card, card.c.id == card_ref.c.card_id)
    .join(item, item.c.id == card.c.subject_id)
    .where(
        card.c.kind == CardKind.ITEM.value,
        item.c.brand_id == bindparam("brand_id"),
        item.c.account_id == bindparam("account_id"),
        item.c.state.in_([state.value for state in sorted(UNDECIDED)]),
    )
)
_POSTS_AT = Statement(
    _SHOWN.join(card, card.c.id == card_ref.c.card_id)
    .join(post, post.c.id == card.c.subject_id)
    .join(post_variant, post_variant.c.post_id == post.c.id)
    .where(
        card.c.kind == CardKind.POST.value,
        post.c.brand_id == bindparam("brand_id"),
        post_variant.c.account_id == bindparam("account_id"),
        post.c.state.in_([PostState.DRAFT.value, PostState.WAITING.value]),
    )
)
_MOVE = Statement(
    update(card_ref)
    .where(
        card_ref.c.id == bindparam("b_id"),
        card_ref.c.state == bindparam("b_from"),
        card_ref.c.key == bindparam("b_key"),
    )
    .returning(card_ref.c.id)
)
_DRAWN = Statement(
    update(card_ref)
    .where(
        card_ref.c.id == bindparam("b_id"),
        card_ref.c.state == CardRefState.SHOWN.value,
        card_ref.c.look == bindparam("b_look"),
    )
    .returning(card_ref.c.id)
)
_AT = Statement(
    select(card_ref).where(
        card_ref.c.channel_id == bindparam("channel_id"), card_ref.c.message == bindparam("message")
    )
)
_SHOWN_IN = Statement(
    select(card_ref).where(
        card_ref.c.channel_id == bindparam("channel_id"),
        card_ref.c.state == CardRefState.SHOWN.value,
    )
)
_OF_CARDS = ByKeys(select(card_ref), card_ref.c.card_id)


class CardRefs:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    def add(self, wanted: Sequence[tuple[CardId, ChannelId]], at: Moment) -> list[NewDue]:
        """These cards in these channels; the due rows that post them. One that exists stays."""
        if not wanted:
            return []
        rows = [
            {
                "card_id": card_id,
                "channel_id": channel_id,
                "state": CardRefState.WANTED.value,
                "key": new_key(),
                "look": "",
                "at": at,
            }
            for card_id, channel_id in wanted
        ]
        made = self._c.execute(_ADD[self._c.dialect.name], rows)
        return [_due(r, at) for r in made]

    def due_again(self, kind: CardKind, subjects: Sequence[int], at: Moment) -> list[NewDue]:
        """The due rows that redraw the cards of these wherever they stand, or are to stand."""
        rows = _STANDING.rows(self._c, subjects, {"kind": kind.value})
        return [_due(r, at) for r in rows]

    def undecided_at(self, brand_id: BrandId, account_id: AccountId) -> list[NewDue]:
        """The due rows that redraw what stands of an account's items and posts, undecided yet."""
        keys = {"brand_id": brand_id, "account_id": account_id}
        rows = [*self._c.execute(_ITEMS_AT, keys), *self._c.execute(_POSTS_AT, keys)]
        return [_due(r, Moment(0)) for r in rows]

    def redraw(self, ids: Collection[CardRefId], at: Moment) -> list[NewDue]:
        """The due rows that redraw these, wherever they stand or are to stand."""
        rows = _SOME.rows(self._c, ids, {})
        return [_due(r, at) for r in rows if r.state != CardRefState.GONE.value]

    def some(self, ids: Collection[CardRefId]) -> dict[CardRefId, CardRef]:
        """Those of these that there are."""
        return {CardRefId(r.id): _ref(r) for r in _SOME.rows(self._c, ids, {})}

    def at(self, channel_id: ChannelId, message: MessageId) -> CardRef | None:
        """Which card a message of ours shows."""
        keys = {"channel_id": channel_id, "message": message}
        row = self._c.execute(_AT, keys).first()
        return None if row is None else _ref(row)

    def shown_in(self, channel_id: ChannelId) -> list[CardRef]:
        """Everything that stands in a channel."""
        return [_ref(r) for r in self._c.execute(_SHOWN_IN, {"channel_id": channel_id})]

    def of_card(self, card_id: CardId) -> list[CardRef]:
        return self.of_cards([card_id])

    def of_cards(self, ids: Collection[CardId]) -> list[CardRef]:
        return [_ref(r) for r in _OF_CARDS.rows(self._c, ids, {})]

    def move(self, ref: CardRef, old: CardRefState, new: CardRefState, **values: Any) -> bool:
        """Compare-and-set on state and key, with other columns; False when somebody was faster."""
        return ref.id in self.move_all([(ref, values)], old, new)

    def move_all(
        self,
        moves: Sequence[tuple[CardRef, Mapping[str, Any]]],
        old: CardRefState,
        new: CardRefState,
    ) -> set[CardRefId]:
        """As `move` for many, each with its own columns of the same names; those that moved."""
        terms = [
            {"b_id": ref.id, "b_from": old.value, "b_key": ref.key, "state": new.value, **values}
            for ref, values in moves
        ]
        if not terms:
            return set()
        return {CardRefId(r.id) for r in self._c.execute(_MOVE, terms)}

    def drawn(self, looks: Sequence[tuple[CardRef, str]]) -> set[CardRefId]:
        """They show these looks now; those whose message nobody else drew since they were read."""
        terms = [{"b_id": ref.id, "b_look": ref.look, "look": look} for ref, look in looks]
        return {CardRefId(r.id) for r in self._c.execute(_DRAWN, terms)} if terms else set()


def new_key() -> PostKey:
    return PostKey(secrets.token_hex(16))


def _due(r: Any, at: Moment) -> NewDue:
    lane = Lane.REDRAWS if r.state == CardRefState.SHOWN.value else Lane.CARDS
    return NewDue("card", f"card:{r.id}", lane, at, {"ref": r.id}, max_attempts=NEVER_DEAD)


def _ref(r: Any) -> CardRef:
    return CardRef(
        id=CardRefId(r.id),
        card_id=CardId(r.card_id),
        channel_id=ChannelId(r.channel_id),
        state=CardRefState(r.state),
        key=PostKey(r.key),
        message=None if r.message is None else MessageId(r.message),
        look=r.look,
        posting_since=None if r.posting_since is None else Moment(r.posting_since),
        posting_until=None if r.posting_until is None else Moment(r.posting_until),
        is_repeat=r.is_repeat,
    )
