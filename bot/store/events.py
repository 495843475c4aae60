"""Domain events, appended in the transaction that made them true; and what we do not handle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, func, insert, select

from bot.model.event import Event, EventKind, Subject
from bot.model.ids import AccountId, BrandId, EventId, MemberId, Moment
from bot.model.network import Unsupported
from bot.store.schema import event, unsupported


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
        self.add_many(
            [
                {
                    "at": at,
                    "kind": kind.value,
                    "brand_id": brand_id,
                    "subject": subject.value,
                    "subject_id": subject_id,
                    "member_id": member_id,
                    "facts": facts,
                }
            ]
        )

    def add_many(self, rows: Sequence[Mapping[str, Any]]) -> None:
        if rows:
            self._c.execute(insert(event), list(rows))

    def after(self, last: EventId, limit: int) -> list[Event]:
        """Events after `last`, oldest first."""
        wanted = select(event).where(event.c.id > last).order_by(event.c.id).limit(limit)
        return [_event(r) for r in self._c.execute(wanted)]

    def latest(self) -> EventId:
        return EventId(self._c.execute(select(func.max(event.c.id))).scalar() or 0)

    def just_happened(self, brand_id: BrandId, limit: int) -> list[Event]:
        """Newest first."""
        wanted = (
            select(event)
            .where(event.c.brand_id == brand_id)
            .order_by(event.c.id.desc())
            .limit(limit)
        )
        return [_event(r) for r in self._c.execute(wanted)]

    def last_about(self, subject: Subject, subject_id: int) -> Event | None:
        wanted = (
            select(event)
            .where(event.c.subject == subject.value, event.c.subject_id == subject_id)
            .order_by(event.c.id.desc())
            .limit(1)
        )
        row = self._c.execute(wanted).one_or_none()
        return None if row is None else _event(row)

    def about(self, subject: Subject, subject_id: int) -> list[Event]:
        wanted = (
            select(event)
            .where(event.c.subject == subject.value, event.c.subject_id == subject_id)
            .order_by(event.c.id)
        )
        return [_event(r) for r in self._c.execute(wanted)]

    def keep_unsupported(
        self, found: Sequence[Unsupported], network: str, account_id: AccountId | None, at: Moment
    ) -> None:
        """What a network told and we do not handle: counted and kept."""
        if found:
            self._c.execute(
                insert(unsupported),
                [
                    {
                        "account_id": account_id,
                        "network": network,
                        "kind": thing.kind[:200],
                        "payload": thing.payload[:10_000],
                        "received_at": at,
                    }
                    for thing in found
                ],
            )

    def unsupported_counts(self) -> dict[tuple[str, str], int]:
        rows = self._c.execute(
            select(unsupported.c.network, unsupported.c.kind, func.count()).group_by(
                unsupported.c.network, unsupported.c.kind
            )
        )
        return {(network, kind): int(count) for network, kind, count in rows}


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
