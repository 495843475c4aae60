"""What a shift leaves to the next one."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, select

from bot.model.ids import BrandId, ItemId, MemberId, Moment, PeakId, PostId
from bot.model.item import UNDECIDED, ItemState
from bot.model.post import PostState
from bot.store.connection import Connection
from bot.store.schema import author, item, peak_item, post, practice
from bot.store.statement import Statement

_FIRST_DUE = (item.c.due_at.is_(None), item.c.due_at, item.c.id)
_OPEN = Statement(
    select(item.c.id, item.c.assignee_id)
    .where(
        item.c.brand_id == bindparam("brand_id"),
        item.c.state == ItemState.OPEN.value,
        item.c.id.not_in(select(practice.c.item_id)),
    )
    .order_by(*_FIRST_DUE)
    .limit(bindparam("limit"))
)
_LEFT = Statement(
    select(
        item.c.id,
        item.c.text,
        item.c.permalink,
        item.c.due_at,
        item.c.assignee_id,
        author.c.handle,
        author.c.display_name,
    )
    .select_from(
        peak_item.join(item, item.c.id == peak_item.c.item_id).join(
            author, author.c.id == item.c.author_id
        )
    )
    .where(
        peak_item.c.peak_id == bindparam("peak_id"),
        item.c.state.in_([state.value for state in sorted(UNDECIDED)]),
    )
    .order_by(*_FIRST_DUE)
)
_POSTS = Statement(
    select(post.c.id, post.c.slot)
    .where(post.c.brand_id == bindparam("brand_id"), post.c.state == PostState.WAITING.value)
    .order_by(post.c.slot.is_(None), post.c.slot, post.c.id)
    .limit(bindparam("limit"))
)


@dataclass(frozen=True, slots=True)
class Left:
    """`permalink` may be empty."""

    item_id: ItemId
    author: str
    text: str
    permalink: str
    due_at: Moment | None
    assignee_id: MemberId | None


class Handovers:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    def open_in(self, brand_id: BrandId, limit: int) -> dict[ItemId, MemberId | None]:
        """Open items, each with who has it; what is due first comes first."""
        rows = self._c.execute(_OPEN, {"brand_id": brand_id, "limit": limit})
        return {
            ItemId(r.id): None if r.assignee_id is None else MemberId(r.assignee_id) for r in rows
        }

    def left(self, peak_id: PeakId) -> list[Left]:
        """Of a hand-over, what nobody has decided yet; what is due first comes first."""
        return [
            Left(
                ItemId(r.id),
                r.display_name or r.handle,
                r.text,
                r.permalink,
                None if r.due_at is None else Moment(r.due_at),
                None if r.assignee_id is None else MemberId(r.assignee_id),
            )
            for r in self._c.execute(_LEFT, {"peak_id": peak_id})
        ]

    def waiting_posts(self, brand_id: BrandId, limit: int) -> list[tuple[PostId, Moment | None]]:
        """Posts that wait for approval, each with when it is to leave."""
        rows = self._c.execute(_POSTS, {"brand_id": brand_id, "limit": limit})
        return [(PostId(r.id), None if r.slot is None else Moment(r.slot)) for r in rows]
