"""Bulks and the items that they answered."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, insert, select, update

from bot.model.bulk import Bulk, BulkState, BulkVerb
from bot.model.ids import BrandId, BulkId, ItemId, Moment, PeakId
from bot.model.member import ChatIdentity
from bot.store.connection import Connection
from bot.store.schema import bulk, bulk_item, peak
from bot.store.statement import Statement
from bot.store.upsert import Upsert

_ADD = Statement(insert(bulk).returning(bulk.c.id))
_GET = Statement(select(bulk).where(bulk.c.id == bindparam("id")))
_LOCK = Statement(_GET.core.with_for_update())
_ANSWERS_FOR = Statement(
    select(peak.c.brand_id)
    .join(bulk, bulk.c.peak_id == peak.c.id)
    .where(bulk.c.id == bindparam("id"), bulk.c.verb == BulkVerb.ANSWER.value)
)
_RUNNING = Statement(
    select(bulk)
    .where(bulk.c.peak_id == bindparam("peak_id"), bulk.c.state == BulkState.RUNNING.value)
    .order_by(bulk.c.id)
)
_NOTE = Statement(update(bulk).where(bulk.c.id == bindparam("b_id")))
_ANSWERED = Upsert(bulk_item, lambda answered: answered.on_conflict_do_nothing())
_ITEMS = Statement(
    select(bulk_item.c.item_id)
    .where(bulk_item.c.bulk_id == bindparam("bulk_id"))
    .order_by(bulk_item.c.item_id)
)


class Bulks:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    def add(
        self,
        peak_id: PeakId,
        actor: ChatIdentity,
        verb: BulkVerb,
        cluster: tuple[str, str],
        text: str,
        at: Moment,
    ) -> BulkId:
        """`cluster` is its key and its label."""
        values = {
            "peak_id": peak_id,
            "chat": actor.chat,
            "user": actor.user,
            "verb": verb.value,
            "cluster": cluster[0],
            "label": cluster[1],
            "text": text,
            "state": BulkState.RUNNING.value,
            "after": 0,
            "acted": 0,
            "refused": 0,
            "begun_at": at,
        }
        return BulkId(self._c.execute(_ADD, values).scalar_one())

    def answers_for(self, bulk_id: BulkId) -> BrandId | None:
        """The brand whose comments it answers; None for one that does something else."""
        found = self._c.execute(_ANSWERS_FOR, {"id": bulk_id}).one_or_none()
        return None if found is None else BrandId(found.brand_id)

    def maybe(self, bulk_id: BulkId) -> Bulk | None:
        """None when there is none. Locked until this transaction ends."""
        row = self._c.execute(_LOCK, {"id": bulk_id}).one_or_none()
        return None if row is None else _bulk(row)

    def running(self, peak_id: PeakId) -> list[Bulk]:
        return [_bulk(r) for r in self._c.execute(_RUNNING, {"peak_id": peak_id})]

    def note(self, bulk_id: BulkId, **values: Any) -> None:
        self._c.execute(_NOTE, {"b_id": bulk_id, **values})

    def answered(self, bulk_id: BulkId, item_id: ItemId) -> None:
        terms = {"bulk_id": bulk_id, "item_id": item_id}
        self._c.execute(_ANSWERED[self._c.dialect.name], terms)

    def items(self, bulk_id: BulkId) -> list[ItemId]:
        """What it answered."""
        return [ItemId(n) for n in self._c.execute(_ITEMS, {"bulk_id": bulk_id}).scalars()]


def _bulk(r: Any) -> Bulk:
    return Bulk(
        id=BulkId(r.id),
        peak_id=PeakId(r.peak_id),
        actor=ChatIdentity(r.chat, r.user),
        verb=BulkVerb(r.verb),
        cluster=r.cluster,
        label=r.label,
        text=r.text,
        state=BulkState(r.state),
        after=ItemId(r.after),
        acted=r.acted,
        refused=r.refused,
        begun_at=Moment(r.begun_at),
    )
