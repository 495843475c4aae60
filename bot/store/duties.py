"""When members work on the desk, and how much is with each."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import bindparam, func, select, update

from bot.model.duty import Duty
from bot.model.ids import BrandId, DutyId, MemberId, Moment
from bot.model.item import ItemState
from bot.store.among import among
from bot.store.connection import Connection
from bot.store.handovers import Handovers
from bot.store.schema import duty, item
from bot.store.statement import Statement
from bot.store.upsert import Upsert

_LATEST = Statement(
    select(duty)
    .where(duty.c.member_id == bindparam("member_id"))
    .order_by(duty.c.id.desc())
    .limit(1)
)
_ON = Statement(
    select(duty)
    .where(duty.c.brand_id == bindparam("brand_id"), duty.c.ended_at.is_(None))
    .order_by(duty.c.id)
)
_BEGIN = Upsert(duty, lambda begun: begun.on_conflict_do_nothing().returning(duty.c.id))
_THIS = duty.c.id == bindparam("b_id")
_SET = Statement(update(duty).where(_THIS))
_END = Statement(update(duty).where(_THIS, duty.c.ended_at.is_(None)))
_OPEN_WITH = Statement(
    select(item.c.assignee_id, func.count())
    .where(
        item.c.brand_id == bindparam("brand_id"),
        among(item.c.assignee_id, "members"),
        item.c.state == ItemState.OPEN.value,
    )
    .group_by(item.c.assignee_id)
)


class Duties:
    def __init__(self, connection: Connection) -> None:
        self._c = connection
        self.leaves = Handovers(connection)
        """What a shift leaves to the next one."""

    def latest(self, member_id: MemberId) -> Duty | None:
        """That goes on, or that ended last."""
        row = self._c.execute(_LATEST, {"member_id": member_id}).one_or_none()
        return None if row is None else _duty(row)

    def on(self, brand_id: BrandId) -> list[Duty]:
        """All that go on."""
        return [_duty(r) for r in self._c.execute(_ON, {"brand_id": brand_id})]

    def begin(
        self, brand_id: BrandId, member_id: MemberId, at: Moment, until: Moment, *, by_hand: bool
    ) -> bool:
        """False when one goes on already."""
        terms = {
            "brand_id": brand_id,
            "member_id": member_id,
            "began_at": at,
            "until": until,
            "is_by_hand": by_hand,
        }
        return self._c.execute(_BEGIN[self._c.dialect.name], terms).first() is not None

    def end(self, number: DutyId, at: Moment, until: Moment) -> bool:
        """No plan begins another one before `until`. False when it was ended already."""
        terms = {"b_id": number, "ended_at": at, "until": until}
        return self._c.execute(_END, terms).rowcount == 1

    def follow_plan(self, number: DutyId, until: Moment) -> None:
        self._c.execute(_SET, {"b_id": number, "until": until, "is_by_hand": False})

    def took_turn(self, number: DutyId, turn: int) -> None:
        self._c.execute(_SET, {"b_id": number, "turn": turn})

    def open_with(self, brand_id: BrandId, members: Collection[MemberId]) -> dict[MemberId, int]:
        """How many open items each has; who has none is left out."""
        terms = {"brand_id": brand_id, "members": list(members)}
        return {MemberId(who): int(count) for who, count in self._c.execute(_OPEN_WITH, terms)}


def _duty(r: Any) -> Duty:
    return Duty(
        id=DutyId(r.id),
        brand_id=BrandId(r.brand_id),
        member_id=MemberId(r.member_id),
        began_at=Moment(r.began_at),
        until=Moment(r.until),
        ended_at=None if r.ended_at is None else Moment(r.ended_at),
        is_by_hand=r.is_by_hand,
        turn=r.turn,
    )
