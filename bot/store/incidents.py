"""Incidents, what joined them, and their timelines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update

from bot.model.ids import AccountId, BrandId, IncidentId, ItemId, MemberId, Moment
from bot.model.incident import (
    Alert,
    AlertKind,
    Happened,
    Incident,
    IncidentState,
    Severity,
    TimelineEntry,
    Verdict,
)
from bot.model.peak import Sample
from bot.store.by_keys import ByKeys
from bot.store.connection import Connection
from bot.store.schema import author, incident, incident_event, incident_item, item
from bot.store.statement import Statement
from bot.store.upsert import Upsert

MOST_SAMPLES = 3

_IS_OPEN = incident.c.state != IncidentState.RESOLVED.value
_GET = Statement(select(incident).where(incident.c.id == bindparam("id")))
_LOCK = Statement(_GET.core.with_for_update())
_OPEN_OF = Statement(
    select(incident)
    .where(
        incident.c.brand_id == bindparam("brand_id"),
        incident.c.cause == bindparam("cause"),
        _IS_OPEN,
    )
    .with_for_update()
)
_OPEN = Statement(
    select(incident)
    .where(incident.c.brand_id == bindparam("brand_id"), _IS_OPEN)
    .order_by(incident.c.id)
)
_FIRING = Statement(
    select(incident)
    .where(incident.c.state == IncidentState.FIRING.value, incident.c.next_at.is_not(None))
    .order_by(incident.c.id)
)
_ADD = Upsert(incident, lambda added: added.on_conflict_do_nothing().returning(incident.c.id))
_NOTE = Statement(update(incident).where(incident.c.id == bindparam("b_id")))
_JOIN = Upsert(
    incident_item,
    lambda joined: joined.on_conflict_do_nothing().returning(incident_item.c.item_id),
)
_JOINED = incident_item.join(item, item.c.id == incident_item.c.item_id)
_OF_INCIDENT = incident_item.c.incident_id == bindparam("incident_id")
_SAMPLES = Statement(
    select(item.c.id, item.c.text, item.c.permalink, author.c.handle, author.c.display_name)
    .select_from(_JOINED.join(author, author.c.id == item.c.author_id))
    .where(_OF_INCIDENT)
    .order_by(item.c.id)
    .limit(MOST_SAMPLES)
)
_ACCOUNTS = Statement(
    select(item.c.account_id, func.count().label("count"))
    .select_from(_JOINED)
    .where(_OF_INCIDENT)
    .group_by(item.c.account_id)
    .order_by(func.count().desc(), item.c.account_id)
)
_OF_ITEMS = ByKeys(
    select(incident_item.c.incident_id, incident_item.c.item_id), incident_item.c.item_id
)
_EARLIER = ByKeys(
    select(incident_item.c.item_id)
    .join(incident, incident.c.id == incident_item.c.incident_id)
    .where(incident.c.brand_id == bindparam("brand_id"), incident.c.cause == bindparam("cause")),
    incident_item.c.item_id,
)
_HAPPENED = Statement(insert(incident_event))
_TIMELINE = Statement(
    select(incident_event)
    .where(incident_event.c.incident_id == bindparam("incident_id"))
    .order_by(incident_event.c.id)
)
_VERDICTS = Statement(
    select(incident.c.kind, incident.c.verdict, func.count().label("count"))
    .where(incident.c.brand_id == bindparam("brand_id"), incident.c.verdict.is_not(None))
    .group_by(incident.c.kind, incident.c.verdict)
)


_JUDGED_SINCE = Statement(
    select(
        incident.c.brand_id,
        incident.c.kind,
        incident.c.verdict,
        incident.c.severity,
        func.count().label("count"),
    )
    .where(incident.c.verdict.is_not(None), incident.c.resolved_at > bindparam("since"))
    .group_by(incident.c.brand_id, incident.c.kind, incident.c.verdict, incident.c.severity)
)


class Incidents:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    def get(self, incident_id: IncidentId) -> Incident:
        return _incident(self._c.execute(_GET, {"id": incident_id}).one())

    def maybe(self, incident_id: IncidentId) -> Incident | None:
        row = self._c.execute(_GET, {"id": incident_id}).one_or_none()
        return None if row is None else _incident(row)

    def locked(self, incident_id: IncidentId) -> Incident:
        """As `get`; it stays so until this transaction ends."""
        return _incident(self._c.execute(_LOCK, {"id": incident_id}).one())

    def open_of(self, brand_id: BrandId, cause: str) -> Incident | None:
        """The one of this cause that is not resolved, locked."""
        row = self._c.execute(_OPEN_OF, {"brand_id": brand_id, "cause": cause}).first()
        return None if row is None else _incident(row)

    def open_in(self, brand_id: BrandId) -> list[Incident]:
        """Those that are not resolved, oldest first."""
        return [_incident(r) for r in self._c.execute(_OPEN, {"brand_id": brand_id})]

    def waiting(self) -> list[Incident]:
        """Those of all brands in which a further step is due some time."""
        return [_incident(r) for r in self._c.execute(_FIRING)]

    def begin(self, alert: Alert, policy: str, at: Moment) -> IncidentId | None:
        """None when another transaction began one of this cause first."""
        terms = {
            "brand_id": alert.brand_id,
            "cause": alert.cause,
            "kind": alert.kind.value,
            "severity": int(alert.severity),
            "state": IncidentState.FIRING.value,
            "account_id": alert.account_id,
            "item_id": alert.items[0] if alert.items else None,
            "count": 0,
            "expected": None if alert.expected is None else round(alert.expected * 1000),
            "minutes": alert.minutes,
            "reach": alert.reach,
            "opened_at": at,
            "fired_at": at,
            "policy": policy,
            "step": 0,
            "round": 0,
            "turn": 0,
            "rearm_at": 0,
        }
        row = self._c.execute(_ADD[self._c.dialect.name], terms).first()
        return None if row is None else IncidentId(row.id)

    def note(self, incident_id: IncidentId, **values: Any) -> None:
        """Set columns; whoever decides holds the lock."""
        self._c.execute(_NOTE, {"b_id": incident_id, **values})

    def join(self, incident_id: IncidentId, items: Sequence[ItemId], at: Moment) -> int:
        """How many of these were not in it yet."""
        rows = [{"incident_id": incident_id, "item_id": one, "at": at} for one in items]
        return len(self._c.execute(_JOIN[self._c.dialect.name], rows).all()) if rows else 0

    def of_items(self, items: Sequence[ItemId]) -> list[IncidentId]:
        """Every incident that one of these is in."""
        rows = _OF_ITEMS.rows(self._c, items, {})
        return sorted({IncidentId(r.incident_id) for r in rows})

    def earlier(self, brand_id: BrandId, cause: str, items: Sequence[ItemId]) -> set[ItemId]:
        """Those of these that an incident of this cause had already."""
        terms = {"brand_id": brand_id, "cause": cause}
        return {ItemId(r.item_id) for r in _EARLIER.rows(self._c, items, terms)}

    def samples(self, incident_id: IncidentId) -> tuple[Sample, ...]:
        """The first items, the first seen first."""
        rows = self._c.execute(_SAMPLES, {"incident_id": incident_id})
        return tuple(
            Sample(ItemId(r.id), r.display_name or r.handle, r.text, r.permalink) for r in rows
        )

    def accounts(self, incident_id: IncidentId) -> list[tuple[AccountId, int]]:
        """Accounts with how many of its items came to each, most first."""
        rows = self._c.execute(_ACCOUNTS, {"incident_id": incident_id})
        return [(AccountId(r.account_id), int(r.count)) for r in rows]

    def verdicts(self, brand_id: BrandId) -> dict[tuple[AlertKind, Verdict], int]:
        """How often the team said what of having been woken by which kind of alert."""
        rows = self._c.execute(_VERDICTS, {"brand_id": brand_id})
        return {(AlertKind(r.kind), Verdict(r.verdict)): int(r.count) for r in rows}

    def judged_since(self, since: Moment) -> dict[tuple[BrandId, AlertKind, bool, Verdict], int]:
        """How often what was said of incidents that ended later; True for notices."""
        found: dict[tuple[BrandId, AlertKind, bool, Verdict], int] = {}
        for r in self._c.execute(_JUDGED_SINCE, {"since": since}):
            is_notice = Severity(r.severity) is Severity.NOTICE
            key = (BrandId(r.brand_id), AlertKind(r.kind), is_notice, Verdict(r.verdict))
            found[key] = found.get(key, 0) + int(r.count)
        return found

    # The timeline

    def happened(
        self,
        incident_id: IncidentId,
        what: Happened,
        at: Moment,
        member_id: MemberId | None = None,
        **facts: Any,
    ) -> None:
        row = {"incident_id": incident_id, "at": at, "what": what.value, "facts": facts}
        self._c.execute(_HAPPENED, row | {"member_id": member_id})

    def timeline(self, incident_id: IncidentId) -> list[TimelineEntry]:
        """Oldest first."""
        return [
            TimelineEntry(
                Moment(r.at),
                Happened(r.what),
                None if r.member_id is None else MemberId(r.member_id),
                r.facts,
            )
            for r in self._c.execute(_TIMELINE, {"incident_id": incident_id})
        ]


def _incident(r: Any) -> Incident:
    return Incident(
        id=IncidentId(r.id),
        brand_id=BrandId(r.brand_id),
        cause=r.cause,
        kind=AlertKind(r.kind),
        severity=Severity(r.severity),
        state=IncidentState(r.state),
        opened_at=Moment(r.opened_at),
        fired_at=Moment(r.fired_at),
        count=r.count,
        account_id=None if r.account_id is None else AccountId(r.account_id),
        item_id=None if r.item_id is None else ItemId(r.item_id),
        expected=None if r.expected is None else r.expected / 1000,
        minutes=r.minutes,
        reach=r.reach,
        policy=r.policy,
        step=r.step,
        round=r.round,
        turn=r.turn,
        next_at=_moment(r.next_at),
        silenced_until=_moment(r.silenced_until),
        rearm_at=r.rearm_at,
        lead_id=_member(r.lead_id),
        comms_id=_member(r.comms_id),
        scribe_id=_member(r.scribe_id),
        acknowledged_by=_member(r.acknowledged_by),
        acknowledged_at=_moment(r.acknowledged_at),
        resolved_by=_member(r.resolved_by),
        resolved_at=_moment(r.resolved_at),
        verdict=None if r.verdict is None else Verdict(r.verdict),
        verdict_by=_member(r.verdict_by),
    )


def _moment(value: int | None) -> Moment | None:
    return None if value is None else Moment(value)


def _member(value: int | None) -> MemberId | None:
    return None if value is None else MemberId(value)
