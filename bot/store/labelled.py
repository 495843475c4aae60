"""The queue of one label: comments that wait for a reply and are called so, by triage or by hand.

Only what waits is looked at, of which there is never much; what is done is found by searching.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select, text, true

from bot.cards.kinds import CardKind, QueueFilter
from bot.model.audience import Sight
from bot.model.ids import BrandId, MemberId, Moment
from bot.model.item import ItemState
from bot.model.label import Label, folded
from bot.model.triage import Intent, Urgency
from bot.store.cards import CardRow, card_of
from bot.store.connection import Connection
from bot.store.queue_statements import BY_TIME_LEFT, IS_SOMEBODYS, NEVER
from bot.store.schema import card, item, item_label, label
from bot.store.seen import item_is_seen, seen_by
from bot.store.statement import Statement
from bot.store.stored_triage import number_of

_TRIAGE = {
    "sqlite": (
        "EXISTS (SELECT 1 FROM json_each(item.triage, '$[5]') AS one WHERE one.value = :topic)",
        "json_extract(item.triage, '$[3]') = :urgency",
    ),
    "postgresql": (
        "CAST(item.triage -> 5 AS jsonb) @> to_jsonb(CAST(:topic AS integer))",
        "item.triage ->> 3 = CAST(CAST(:urgency AS integer) AS text)",
    ),
}
"""Whether a stored triage has a topic, and whether it has an urgency, by their numbers."""
_OWN = (
    select(item_label.c.item_id)
    .join(label, label.c.id == item_label.c.label_id)
    .where(label.c.brand_id == bindparam("brand_id"), label.c.folded == bindparam("own"))
)


def _waits(wanted: QueueFilter, dialect: str, *, is_whole: bool) -> ColumnElement[bool]:
    is_called = or_(*map(text, _TRIAGE[dialect]), item.c.id.in_(_OWN))
    return and_(
        item.c.brand_id == bindparam("brand_id"),
        item.c.state.in_([ItemState.OPEN.value, ItemState.ANSWERING.value]),
        IS_SOMEBODYS,
        BY_TIME_LEFT[wanted],
        is_called,
        true() if is_whole else item_is_seen(),
    )


@cache
def _page(
    wanted: QueueFilter, dialect: str, *, is_whole: bool
) -> Statement[Select[*tuple[Any, ...]]]:
    of_item = (card.c.kind == CardKind.ITEM.value) & (card.c.subject_id == item.c.id)
    which = _waits(wanted, dialect, is_whole=is_whole)
    found = select(card).select_from(item).join(card, of_item).where(which)
    by_time = found.order_by(func.coalesce(item.c.due_at, NEVER), card.c.id.desc())
    return Statement(by_time.limit(bindparam("limit")).offset(bindparam("offset")))


@cache
def _count(wanted: QueueFilter, dialect: str, *, is_whole: bool) -> Statement[Select[int]]:
    which = _waits(wanted, dialect, is_whole=is_whole)
    return Statement(select(func.count()).select_from(item).where(which))


class Labelled:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    def page(
        self,
        brand_id: BrandId,
        wanted: QueueFilter,
        called: Label,
        member_id: MemberId,
        now: Moment,
        limit: int,
        offset: int,
        sight: Sight | None = None,
    ) -> list[CardRow]:
        """What is due first, then the newest; `wanted` shows what waits. No `sight`: everything."""
        terms = _terms(brand_id, wanted, called, member_id, now, sight)
        found = _page(wanted, self._c.dialect.name, is_whole=sight is None)
        terms |= {"limit": limit, "offset": offset}
        return [card_of(r) for r in self._c.execute(found, terms)]

    def count(
        self,
        brand_id: BrandId,
        wanted: QueueFilter,
        called: Label,
        member_id: MemberId,
        now: Moment,
        sight: Sight | None = None,
    ) -> int:
        terms = _terms(brand_id, wanted, called, member_id, now, sight)
        counted = _count(wanted, self._c.dialect.name, is_whole=sight is None)
        return int(self._c.execute(counted, terms).scalar_one())


def _terms(
    brand_id: BrandId,
    wanted: QueueFilter,
    called: Label,
    member_id: MemberId,
    now: Moment,
    sight: Sight | None,
) -> dict[str, Any]:
    return {
        "brand_id": brand_id,
        "now": now,
        "topic": number_of(called) if isinstance(called, Intent) else None,
        "urgency": number_of(called) if isinstance(called, Urgency) else None,
        "own": None if isinstance(called, Intent | Urgency) else folded(called),
        **({"member_id": member_id} if wanted is QueueFilter.MINE else {}),
        **({} if sight is None else seen_by(sight)),
    }
