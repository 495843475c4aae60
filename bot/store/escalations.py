"""Items that members escalated, and what became of the incidents that they opened."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import insert, select

from bot.model.ids import IncidentId, ItemId, MemberId, Moment
from bot.model.incident import Escalation, IncidentState
from bot.store.by_keys import ByKeys
from bot.store.connection import Connection
from bot.store.schema import escalation, incident
from bot.store.statement import Statement

_ADD = Statement(insert(escalation))
_WITH_STATE = select(escalation, incident.c.state).join(
    incident, incident.c.id == escalation.c.incident_id
)
_OF_ITEMS = ByKeys(_WITH_STATE, escalation.c.item_id)
_OF_INCIDENTS = ByKeys(_WITH_STATE, escalation.c.incident_id)


class Escalations:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    def add(self, made: Escalation) -> None:
        values = {
            "item_id": made.item_id,
            "incident_id": made.incident_id,
            "member_id": made.member_id,
            "at": made.at,
            "called": list(made.called),
            "reason": made.reason,
        }
        self._c.execute(_ADD, values)

    def latest(self, items: Collection[ItemId]) -> dict[ItemId, Escalation]:
        """The last one of each that has any."""
        rows = sorted(_OF_ITEMS.rows(self._c, items, {}), key=lambda r: r.id)
        return {ItemId(r.item_id): _escalation(r) for r in rows}

    def of_incident(self, incident_id: IncidentId) -> Escalation | None:
        """What opened it; None where a detector did."""
        rows = sorted(_OF_INCIDENTS.rows(self._c, [incident_id], {}), key=lambda r: r.id)
        return _escalation(rows[0]) if rows else None


def _escalation(r: Any) -> Escalation:
    return Escalation(
        item_id=ItemId(r.item_id),
        incident_id=IncidentId(r.incident_id),
        member_id=MemberId(r.member_id),
        at=Moment(r.at),
        called=tuple(r.called),
        reason=r.reason,
        is_open=r.state != IncidentState.RESOLVED.value,
    )
