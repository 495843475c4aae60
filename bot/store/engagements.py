"""What people did with posts, as it was last counted, and what was expected of them then."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import bindparam, select, update

from bot.detection.outlook import Outlook
from bot.model.engagement import Engagement, Reactions
from bot.model.ids import AccountId, ItemId, Moment, RemoteId
from bot.model.item import ItemState
from bot.store.by_keys import ByKeys
from bot.store.connection import Connection
from bot.store.schema import conversation, engagement, item
from bot.store.statement import Statement
from bot.store.upsert import Upsert

FINALS = 50
"""Posts of an account's past that count."""
REDRAWN = 20

_OF_POSTS = ByKeys(
    select(engagement).where(engagement.c.account_id == bindparam("account_id")),
    engagement.c.remote_id,
)
_WAITING = Statement(
    select(engagement)
    .where(engagement.c.account_id == bindparam("account_id"), engagement.c.next_at.is_not(None))
    .order_by(engagement.c.next_at)
)
_FINALS = Statement(
    select(engagement.c.likes + engagement.c.shares + engagement.c.replies)
    .where(
        engagement.c.account_id == bindparam("account_id"),
        engagement.c.next_at.is_(None),
        engagement.c.looked_at - engagement.c.published_at >= bindparam("age"),
    )
    .order_by(engagement.c.published_at.desc())
    .limit(FINALS)
)
_KEEP = Upsert(
    engagement,
    lambda row: row.on_conflict_do_update(
        index_elements=[engagement.c.account_id, engagement.c.remote_id],
        set_={one.name: row.excluded[one.name] for one in engagement.c if not one.primary_key},
    ),
)
_GONE = Statement(
    update(engagement)
    .where(
        engagement.c.account_id == bindparam("b_account_id"),
        engagement.c.remote_id == bindparam("b_remote_id"),
    )
    .values(next_at=None)
)
_UNDER = Statement(
    select(item.c.id)
    .join(conversation, conversation.c.id == item.c.conversation_id)
    .where(
        conversation.c.account_id == bindparam("account_id"),
        conversation.c.root_remote_id == bindparam("remote_id"),
        item.c.state == ItemState.OPEN.value,
    )
    .order_by(item.c.id.desc())
    .limit(REDRAWN)
)


class Engagements:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    def of(self, account_id: AccountId, posts: Collection[RemoteId]) -> dict[RemoteId, Engagement]:
        """Those of these that were ever counted."""
        rows = _OF_POSTS.rows(self._c, posts, {"account_id": account_id})
        return {RemoteId(r.remote_id): _engagement(r) for r in rows}

    def waiting(self, account_id: AccountId) -> list[Engagement]:
        """Those that are to be looked at again, the first due first."""
        return [_engagement(r) for r in self._c.execute(_WAITING, {"account_id": account_id})]

    def finals(self, account_id: AccountId, age: int) -> list[int]:
        """How far its posts went that were last looked at when they were so old (milliseconds)."""
        rows = self._c.execute(_FINALS, {"account_id": account_id, "age": age})
        return [int(r[0]) for r in rows]

    def keep(self, found: Sequence[Engagement]) -> None:
        if found:
            self._c.execute(_KEEP[self._c.dialect.name], [_columns(one) for one in found])

    def gone(self, account_id: AccountId, posts: Collection[RemoteId]) -> None:
        """The network shows these no more: they are not asked after again."""
        terms = [{"b_account_id": account_id, "b_remote_id": one} for one in posts]
        if terms:
            self._c.execute(_GONE, terms)

    def under(self, account_id: AccountId, post: RemoteId) -> list[ItemId]:
        """The newest open items below a post."""
        keys = {"account_id": account_id, "remote_id": post}
        return [ItemId(r.id) for r in self._c.execute(_UNDER, keys)]


def _columns(one: Engagement) -> Mapping[str, Any]:
    seen = one.reactions
    return {
        "account_id": one.account_id,
        "remote_id": one.remote_id,
        "published_at": seen.published_at,
        "looked_at": one.looked_at,
        "next_at": one.next_at,
        "likes": seen.likes,
        "shares": seen.shares,
        "replies": seen.replies,
        "views": seen.views,
        "samples": [list(pair) for pair in one.samples],
        "expected": None if one.expected is None else asdict(one.expected),
    }


def _engagement(r: Any) -> Engagement:
    return Engagement(
        account_id=AccountId(r.account_id),
        remote_id=RemoteId(r.remote_id),
        reactions=Reactions(Moment(r.published_at), r.likes, r.shares, r.replies, r.views),
        looked_at=Moment(r.looked_at),
        next_at=None if r.next_at is None else Moment(r.next_at),
        samples=tuple((int(age), int(total)) for age, total in r.samples),
        expected=None if r.expected is None else Outlook(**r.expected),
    )
