"""Who writes again: which item of ours each item answers, and who of the team had answered it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import bindparam, func, literal_column, select, update

from bot.model.ids import AuthorId, ItemId, MemberId
from bot.model.publication import PublicationState
from bot.store.by_keys import ByKeys
from bot.store.connection import Connection
from bot.store.schema import approval, draft, item, publication
from bot.store.statement import Statement

_before = item.alias("before")
_below_ours = (
    select(publication.c.item_id)
    .where(
        publication.c.account_id == item.c.account_id,
        publication.c.remote_id == item.c.parent_remote_id,
    )
    .limit(1)
    .scalar_subquery()
)
_below_native = (
    select(_before.c.id)
    .where(
        _before.c.account_id == item.c.account_id,
        _before.c.native_reply_id == item.c.parent_remote_id,
        # the words of the index: only so it is used
        _before.c.native_reply_id.is_not(None),
    )
    .limit(1)
    .scalar_subquery()
)
_same_author = (
    select(func.max(_before.c.id))
    .where(
        _before.c.author_id == item.c.author_id,
        _before.c.conversation_id == item.c.conversation_id,
        _before.c.id < item.c.id,
        # the words of the index: only so it is used
        _before.c.state == literal_column("'answered'"),
    )
    .scalar_subquery()
)
_FOLLOWED = ByKeys(
    select(item.c.id, func.coalesce(_below_ours, _below_native, _same_author).label("follows")),
    item.c.id,
)
_ANSWERERS = ByKeys(
    select(
        publication.c.item_id, func.coalesce(draft.c.author_id, approval.c.member_id).label("who")
    )
    .join(approval, approval.c.id == publication.c.approval_id)
    .outerjoin(
        draft,
        (draft.c.item_id == publication.c.item_id) & (draft.c.version == approval.c.version),
    )
    .where(publication.c.state == PublicationState.PUBLISHED.value)
    .order_by(publication.c.id),
    publication.c.item_id,
)
_ANSWERERS_OF = ByKeys(
    select(item.c.author_id, func.coalesce(draft.c.author_id, approval.c.member_id).label("who"))
    .select_from(
        item.join(publication, publication.c.item_id == item.c.id)
        .join(approval, approval.c.id == publication.c.approval_id)
        .outerjoin(
            draft,
            (draft.c.item_id == publication.c.item_id) & (draft.c.version == approval.c.version),
        )
    )
    .where(publication.c.state == PublicationState.PUBLISHED.value)
    .order_by(publication.c.id),
    item.c.author_id,
)
_FOLLOW = Statement(update(item).where(item.c.id == bindparam("b_id")))
_GIVE_BACK = Statement(_FOLLOW.core.where(item.c.assignee_id.is_(None)))


class Followings:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    def of(self, ids: Collection[ItemId]) -> dict[ItemId, ItemId]:
        """What each of these answers again: the item below whose reply of ours it stands, else the
        last one of the same author in the same conversation that we answered.
        """
        rows = _FOLLOWED.rows(self._c, ids, {})
        return {ItemId(r.id): ItemId(r.follows) for r in rows if r.follows is not None}

    def answerers(self, ids: Collection[ItemId]) -> dict[ItemId, MemberId]:
        """Who wrote our last reply to each of these; of a drafter's words whoever approved them."""
        rows = _ANSWERERS.rows(self._c, ids, {})
        return {ItemId(r.item_id): MemberId(r.who) for r in rows}

    def last_answerers(self, authors: Collection[AuthorId]) -> dict[AuthorId, MemberId]:
        """As `answerers`, of our last reply to anything that each of these wrote."""
        rows = _ANSWERERS_OF.rows(self._c, authors, {})
        return {AuthorId(r.author_id): MemberId(r.who) for r in rows}

    def save(self, pairs: Sequence[tuple[ItemId, ItemId]]) -> None:
        """(an item, what it answers again)."""
        if pairs:
            self._c.execute(_FOLLOW, [{"b_id": new, "follows_id": old} for new, old in pairs])

    def give_back(self, item_id: ItemId, member_id: MemberId) -> bool:
        """To them, unless somebody has it already."""
        values = {"b_id": item_id, "assignee_id": member_id}
        return self._c.execute(_GIVE_BACK, values).rowcount == 1
