"""Domain events, appended in the transaction that made them true; and what we do not handle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select

from bot.model.event import Event, EventKind, Subject
from bot.model.ids import AccountId, BrandId, EventId, MemberId, Moment
from bot.model.network import Unsupported
from bot.model.text import storable
from bot.store.among import among
from bot.store.connection import Connection
from bot.store.schema import event, unsupported
from bot.store.statement import Statement

_ABOUT = select(event).where(
    event.c.subject == bindparam("subject"), event.c.subject_id == bindparam("subject_id")
)
_ALL_ABOUT = Statement(_ABOUT.order_by(event.c.id))
_LAST_OF_EACH = (
    select(func.max(event.c.id))
    .where(event.c.subject == bindparam("subject"), among(event.c.subject_id, "subjects"))
    .group_by(event.c.subject_id)
)
_LAST_ABOUT = Statement(select(event).where(event.c.id.in_(_LAST_OF_EACH.scalar_subquery())))
_AFTER = Statement(
    select(event)
    .where(event.c.id > bindparam("last"))
    .order_by(event.c.id)
    .limit(bindparam("limit"))
)
_LATEST = Statement(select(func.max(event.c.id)))
_JUST_HAPPENED = Statement(
    select(event)
    .where(event.c.brand_id == bindparam("brand_id"))
    .order_by(event.c.id.desc())
    .limit(bindparam("limit"))
)
_OLDEST = select(event.c.id, event.c.at).order_by(event.c.id).limit(bindparam("limit")).subquery()
_FORGET = Statement(
    delete(event).where(
        event.c.id.in_(select(_OLDEST.c.id).where(_OLDEST.c.at < bindparam("before"))),
        # SQLite would give its number again, and whoever follows would miss the next event
        event.c.id != select(func.max(event.c.id)).scalar_subquery(),
    )
)
_ADD = Statement(insert(event))
_KEEP_UNSUPPORTED = Statement(insert(unsupported))


class Events:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    def add(
        self,
        kind: EventKind,
        brand_id: BrandId,
        subject: Subject,
        subject_id: int,
        at: Moment,
        *,
        member_id: MemberId | None = None,
        **facts: Any,
    ) -> None:
        row = event_row(kind, brand_id, subject, subject_id, at, facts, member_id=member_id)
        self.add_many([row])

    def add_many(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """`rows` are made by `event_row`."""
        if rows:
            self._c.execute(_ADD, list(rows))

    def after(self, last: EventId, limit: int) -> list[Event]:
        """Events after `last`, oldest first."""
        return [_event(r) for r in self._c.execute(_AFTER, {"last": last, "limit": limit})]

    def latest(self) -> EventId:
        return EventId(self._c.execute(_LATEST).scalar() or 0)

    def just_happened(self, brand_id: BrandId, limit: int) -> list[Event]:
        """Newest first."""
        keys = {"brand_id": brand_id, "limit": limit}
        return [_event(r) for r in self._c.execute(_JUST_HAPPENED, keys)]

    def last_about(self, subject: Subject, subject_id: int) -> Event | None:
        return self.last_about_all(subject, [subject_id]).get(subject_id)

    def last_about_all(self, subject: Subject, subjects: Sequence[int]) -> dict[int, Event]:
        keys = {"subject": subject.value, "subjects": list(subjects)}
        return {int(r.subject_id): _event(r) for r in self._c.execute(_LAST_ABOUT, keys)}

    def about(self, subject: Subject, subject_id: int) -> list[Event]:
        keys = {"subject": subject.value, "subject_id": subject_id}
        return [_event(r) for r in self._c.execute(_ALL_ABOUT, keys)]

    def forget(self, before: int, limit: int) -> bool:
        """Of the `limit` oldest those that are older than that; True when there may be more.

        The newest of all stays, however old.
        """
        terms = {"before": before, "limit": limit}
        return self._c.execute(_FORGET, terms).rowcount == limit

    def keep_unsupported(
        self, found: Sequence[Unsupported], network: str, account_id: AccountId | None, at: Moment
    ) -> None:
        """What a network told and we do not handle: counted and kept."""
        if found:
            self._c.execute(
                _KEEP_UNSUPPORTED,
                [
                    {
                        "account_id": account_id,
                        "network": network,
                        "kind": storable(thing.kind)[:200],
                        "payload": storable(thing.payload)[:10_000],
                        "received_at": at,
                    }
                    for thing in found
                ],
            )

    def unsupported_counts(self) -> dict[str, int]:
        """How many things of each network were kept that we do not handle."""
        by_network = select(unsupported.c.network, func.count()).group_by(unsupported.c.network)
        return {network: int(count) for network, count in self._c.execute(by_network)}


def event_row(
    kind: EventKind,
    brand_id: BrandId,
    subject: Subject,
    subject_id: int,
    at: Moment,
    facts: Mapping[str, Any],
    *,
    member_id: MemberId | None = None,
) -> dict[str, Any]:
    """An event as the columns of its row."""
    return {
        "at": at,
        "kind": kind.value,
        "brand_id": brand_id,
        "subject": subject.value,
        "subject_id": subject_id,
        "member_id": member_id,
        "facts": facts,
    }


def _event(r: Any) -> Event:
    return Event(
        id=EventId(r.id),
        at=Moment(r.at),
        kind=EventKind(r.kind),
        brand_id=BrandId(r.brand_id),
        subject=Subject(r.subject),
        subject_id=r.subject_id,
        member_id=None if r.member_id is None else MemberId(r.member_id),
        facts=r.facts,
    )
