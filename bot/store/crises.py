"""Crises of brands, their timelines, and what they stop."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BindParameter, bindparam, exists, insert, or_, select, update

from bot.model.bulk import BulkState
from bot.model.crisis import (
    Crisis,
    CrisisEntry,
    CrisisMoment,
    CrisisState,
    Level,
    OnItsWay,
)
from bot.model.ids import (
    BrandId,
    BulkId,
    ChannelId,
    CrisisId,
    IncidentId,
    MemberId,
    Moment,
    PublicationId,
)
from bot.model.publication import PublicationState
from bot.store.connection import Connection
from bot.store.held_posts import LEFT
from bot.store.schema import (
    ID,
    account,
    brand,
    bulk,
    bulk_item,
    crisis,
    crisis_event,
    peak,
    publication,
)
from bot.store.statement import Statement

_P = PublicationState
_BRAND: BindParameter[int] = bindparam("brand_id", type_=ID)

_ADD = Statement(insert(crisis).returning(crisis.c.id))
_GET = Statement(select(crisis).where(crisis.c.id == bindparam("id")))
_IN_STATE = Statement(
    select(crisis)
    .where(crisis.c.brand_id == _BRAND, crisis.c.state == bindparam("state"))
    .order_by(crisis.c.id)
)
_ON = Statement(
    select(crisis).where(crisis.c.brand_id == _BRAND, crisis.c.state == CrisisState.ON.value)
)
_LOCK_BRAND = Statement(
    select(brand.c.id).where(brand.c.id == _BRAND).with_for_update(key_share=True)
)
_WAIT_OUT = Statement(select(brand.c.id).where(brand.c.id == _BRAND).with_for_update(read=True))
_NOTE = Statement(update(crisis).where(crisis.c.id == bindparam("b_id")))
_ON_THEIR_WAY = Statement(
    select(publication.c.id, publication.c.text, account.c.name, account.c.slug)
    .join(account, account.c.id == publication.c.account_id)
    .where(account.c.brand_id == _BRAND, publication.c.state.in_(LEFT))
    .order_by(publication.c.id)
)
_HAS_QUEUED = exists().where(
    bulk_item.c.bulk_id == bulk.c.id,
    publication.c.item_id == bulk_item.c.item_id,
    publication.c.state == _P.QUEUED.value,
)
_ANSWERS = Statement(
    select(bulk.c.id)
    .join(peak, peak.c.id == bulk.c.peak_id)
    .where(
        peak.c.brand_id == _BRAND,
        or_(bulk.c.state == BulkState.RUNNING.value, _HAS_QUEUED),
        bulk.c.verb == bindparam("verb"),
    )
    .order_by(bulk.c.id)
)
_HAPPENED = Statement(insert(crisis_event))
_TIMELINE = Statement(
    select(crisis_event)
    .where(crisis_event.c.crisis_id == bindparam("crisis_id"))
    .order_by(crisis_event.c.id)
)


class Crises:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    def get(self, crisis_id: CrisisId) -> Crisis:
        return _crisis(self._c.execute(_GET, {"id": crisis_id}).one())

    def on(self, brand_id: BrandId) -> Crisis | None:
        """The one that is on now."""
        row = self._c.execute(_ON, {"brand_id": brand_id}).first()
        return None if row is None else _crisis(row)

    def in_state(self, brand_id: BrandId, state: CrisisState) -> list[Crisis]:
        """Oldest first."""
        keys = {"brand_id": brand_id, "state": state.value}
        return [_crisis(r) for r in self._c.execute(_IN_STATE, keys)]

    def lock(self, brand_id: BrandId) -> None:
        """Whoever begins or ends one of this brand next waits until this transaction ends."""
        self._c.execute(_LOCK_BRAND, {"brand_id": brand_id})

    def wait_out(self, brand_id: BrandId) -> None:
        """A beginning that is under way ends first; the next one waits for this transaction."""
        self._c.execute(_WAIT_OUT, {"brand_id": brand_id})

    def propose(
        self,
        brand_id: BrandId,
        level: Level,
        reason: str,
        incident_id: IncidentId | None,
        member_id: MemberId,
        at: Moment,
    ) -> CrisisId:
        values = {
            "brand_id": brand_id,
            "state": CrisisState.PROPOSED.value,
            "level": level.value,
            "reason": reason,
            "incident_id": incident_id,
            "proposed_by": member_id,
            "proposed_at": at,
        }
        return CrisisId(self._c.execute(_ADD, values).scalar_one())

    def note(self, crisis_id: CrisisId, **values: Any) -> None:
        """Set columns; whoever decides holds the brand's lock or that of the card."""
        self._c.execute(_NOTE, {"b_id": crisis_id, **values})

    # What it stops

    def on_their_way(self, brand_id: BrandId) -> list[OnItsWay]:
        rows = self._c.execute(_ON_THEIR_WAY, {"brand_id": brand_id})
        return [OnItsWay(PublicationId(r.id), r.name or r.slug, r.text) for r in rows]

    def bulks(self, brand_id: BrandId, verb: str) -> list[BulkId]:
        """Of the brand, those that do this and go on, or of which a reply has not left yet."""
        keys = {"brand_id": brand_id, "verb": verb}
        return [BulkId(n) for n in self._c.execute(_ANSWERS, keys).scalars()]

    # The timeline

    def happened(
        self,
        crisis_id: CrisisId,
        what: CrisisMoment,
        at: Moment,
        member_id: MemberId | None = None,
        **facts: Any,
    ) -> None:
        row = {"crisis_id": crisis_id, "at": at, "what": what.value, "facts": facts}
        self._c.execute(_HAPPENED, row | {"member_id": member_id})

    def timeline(self, crisis_id: CrisisId) -> list[CrisisEntry]:
        """Oldest first."""
        return [
            CrisisEntry(Moment(r.at), CrisisMoment(r.what), _member(r.member_id), r.facts)
            for r in self._c.execute(_TIMELINE, {"crisis_id": crisis_id})
        ]


def _crisis(r: Any) -> Crisis:
    return Crisis(
        id=CrisisId(r.id),
        brand_id=BrandId(r.brand_id),
        state=CrisisState(r.state),
        level=Level(r.level),
        reason=r.reason,
        proposed_by=MemberId(r.proposed_by),
        proposed_at=Moment(r.proposed_at),
        incident_id=None if r.incident_id is None else IncidentId(r.incident_id),
        lead_id=_member(r.lead_id),
        started_by=_member(r.started_by),
        started_at=None if r.started_at is None else Moment(r.started_at),
        ended_by=_member(r.ended_by),
        ended_at=None if r.ended_at is None else Moment(r.ended_at),
        update_every=r.update_every,
        updates_channel_id=None
        if r.updates_channel_id is None
        else ChannelId(r.updates_channel_id),
    )


def _member(value: int | None) -> MemberId | None:
    return None if value is None else MemberId(value)
