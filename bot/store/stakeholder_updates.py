"""Updates for stakeholders: those that are due, and those that were sent."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, func, insert, select, update

from bot.model.crisis import Crisis, StakeholderUpdate
from bot.model.ids import CrisisId, MemberId, Moment, UpdateId
from bot.store.connection import Connection
from bot.store.schema import crisis_update
from bot.store.statement import Statement

_OF_CRISIS = crisis_update.c.crisis_id == bindparam("crisis_id")
_ADD = Statement(insert(crisis_update).returning(crisis_update.c.id))
_GET = Statement(select(crisis_update).where(crisis_update.c.id == bindparam("id")))
_LAST = Statement(select(func.max(crisis_update.c.number)).where(_OF_CRISIS))
_WAITING = Statement(
    select(crisis_update)
    .where(_OF_CRISIS, crisis_update.c.sent_at.is_(None), crisis_update.c.is_missed.is_(False))
    .order_by(crisis_update.c.id)
)
_NOTE = Statement(update(crisis_update).where(crisis_update.c.id == bindparam("b_id")))


class StakeholderUpdates:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    def get(self, update_id: UpdateId) -> StakeholderUpdate:
        return _update(self._c.execute(_GET, {"id": update_id}).one())

    def add(self, crisis: Crisis, due_at: Moment) -> UpdateId:
        values = {
            "brand_id": crisis.brand_id,
            "crisis_id": crisis.id,
            "due_at": due_at,
            "number": 0,
        }
        return UpdateId(self._c.execute(_ADD, values).scalar_one())

    def waiting(self, crisis_id: CrisisId) -> list[StakeholderUpdate]:
        """Due, not sent and not missed."""
        return [_update(r) for r in self._c.execute(_WAITING, {"crisis_id": crisis_id})]

    def miss(self, update_id: UpdateId) -> None:
        self._c.execute(_NOTE, {"b_id": update_id, "is_missed": True})

    def send(self, update: StakeholderUpdate, text: str, member_id: MemberId, at: Moment) -> int:
        """Its number among those that were sent."""
        last = self._c.execute(_LAST, {"crisis_id": update.crisis_id}).scalar_one()
        number = int(last or 0) + 1
        values = {"number": number, "text": text, "sent_by": member_id, "sent_at": at}
        self._c.execute(_NOTE, {"b_id": update.id, **values})
        return number


def _update(r: Any) -> StakeholderUpdate:
    return StakeholderUpdate(
        id=UpdateId(r.id),
        crisis_id=CrisisId(r.crisis_id),
        due_at=Moment(r.due_at),
        number=r.number,
        text=r.text,
        sent_by=None if r.sent_by is None else MemberId(r.sent_by),
        sent_at=None if r.sent_at is None else Moment(r.sent_at),
        is_missed=bool(r.is_missed),
    )
