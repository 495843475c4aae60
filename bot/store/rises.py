"""What a rise is made of: the latest comments of a brand, those of an incident, and its counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, select

from bot.model.account import PRACTICE
from bot.model.ids import AccountId, BrandId, IncidentId, ItemId, Moment
from bot.model.incident import IncidentState
from bot.model.peak import Sample
from bot.model.signal import Stream
from bot.model.triage import Triage
from bot.store.by_keys import ByKeys
from bot.store.connection import Connection
from bot.store.schema import account, author, incident, incident_item, item, signal
from bot.store.statement import Statement
from bot.store.stored_triage import triage_from_json

MOST_LOOKED_AT = 2_000
MOST_GROUPED = 400
MOST_ALIKE = 200

_LATEST = Statement(
    select(item.c.id, item.c.account_id, item.c.published_at, item.c.triage, author.c.followers)
    .select_from(item.join(author, author.c.id == item.c.author_id))
    .where(item.c.brand_id == bindparam("brand_id"))
    .order_by(item.c.id.desc())
    .limit(MOST_LOOKED_AT)
)
_SAID = Statement(
    select(
        item.c.id,
        item.c.text,
        item.c.permalink,
        item.c.triage,
        author.c.handle,
        author.c.display_name,
    )
    .select_from(
        incident_item.join(item, item.c.id == incident_item.c.item_id).join(
            author, author.c.id == item.c.author_id
        )
    )
    .where(incident_item.c.incident_id == bindparam("incident_id"), item.c.triage.is_not(None))
    .order_by(item.c.id)
    .limit(MOST_GROUPED)
)

_SHARED = ByKeys(
    select(incident_item.c.incident_id)
    .join(incident, incident.c.id == incident_item.c.incident_id)
    .where(
        incident.c.brand_id == bindparam("brand_id"),
        incident.c.state != IncidentState.RESOLVED.value,
    ),
    incident_item.c.item_id,
)

_TOLD = ByKeys(
    select(incident_item.c.item_id)
    .join(incident, incident.c.id == incident_item.c.incident_id)
    .where(incident.c.brand_id == bindparam("brand_id")),
    incident_item.c.item_id,
)
_LATELY = Statement(
    select(
        item.c.id,
        item.c.text,
        item.c.triage,
        item.c.author_id,
        item.c.published_at,
        author.c.followers,
    )
    .select_from(
        item.join(author, author.c.id == item.c.author_id).join(
            account, account.c.id == item.c.account_id
        )
    )
    .where(item.c.brand_id == bindparam("brand_id"), account.c.network != PRACTICE)
    .order_by(item.c.id.desc())
    .limit(MOST_ALIKE)
)


def _counted(*of: Any) -> Statement[Any]:
    return Statement(
        select(signal.c.bucket, *(func.sum(signal.c[one.value]).label(one.value) for one in Stream))
        .where(
            signal.c.brand_id == bindparam("brand_id"),
            signal.c.bucket >= bindparam("first"),
            signal.c.bucket <= bindparam("last"),
            *of,
        )
        .group_by(signal.c.bucket)
    )


_OF_BRAND = _counted()
_OF_ACCOUNT = _counted(signal.c.account_id == bindparam("account_id"))


@dataclass(frozen=True, slots=True)
class Mentioned:
    """An item that was sorted, as far as a rise asks for it."""

    item_id: ItemId
    account_id: AccountId
    published_at: Moment
    triage: Triage
    followers: int


@dataclass(frozen=True, slots=True)
class Said:
    """An item that was sorted, with its words."""

    item_id: ItemId
    author_id: int
    text: str
    triage: Triage
    followers: int


class Rises:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    def latest(self, brand_id: BrandId) -> list[Mentioned]:
        """Newest first; no more than would fill a flood's first minutes."""
        return [
            Mentioned(
                ItemId(r.id),
                AccountId(r.account_id),
                Moment(r.published_at),
                triage_from_json(r.triage),
                r.followers or 0,
            )
            for r in self._c.execute(_LATEST, {"brand_id": brand_id})
            if r.triage is not None
        ]

    def lately(self, brand_id: BrandId, since: Moment) -> list[Said]:
        """Of the latest items those that were published since then, the first seen first."""
        rows = self._c.execute(_LATELY, {"brand_id": brand_id}).all()
        return [
            Said(ItemId(r.id), r.author_id, r.text, triage_from_json(r.triage), r.followers or 0)
            for r in reversed(rows)
            if r.triage is not None and r.published_at >= since
        ]

    def told(self, brand_id: BrandId, items: Sequence[ItemId]) -> set[ItemId]:
        """Those of these that any incident has, over or not."""
        return {ItemId(r.item_id) for r in _TOLD.rows(self._c, items, {"brand_id": brand_id})}

    def said(self, incident_id: IncidentId) -> list[tuple[Sample, Triage]]:
        """What its first comments say, and how they were sorted; the first seen first."""
        return [
            (
                Sample(ItemId(r.id), r.display_name or r.handle, r.text, r.permalink),
                triage_from_json(r.triage),
            )
            for r in self._c.execute(_SAID, {"incident_id": incident_id})
            if r.triage is not None
        ]

    def shared(self, brand_id: BrandId, items: Sequence[ItemId]) -> Counter[IncidentId]:
        """How many of these each incident has that is not resolved."""
        rows = _SHARED.rows(self._c, items, {"brand_id": brand_id})
        return Counter(IncidentId(r.incident_id) for r in rows)

    def counts(
        self, brand_id: BrandId, account_id: AccountId | None, stream: Stream, buckets: range
    ) -> Sequence[int]:
        """Of each bucket, oldest first; `account_id` None: of all accounts of the brand."""
        terms = {"brand_id": brand_id, "first": buckets.start, "last": buckets.stop - 1}
        if account_id is None:
            rows = self._c.execute(_OF_BRAND, terms)
        else:
            rows = self._c.execute(_OF_ACCOUNT, terms | {"account_id": account_id})
        found = {int(r.bucket): int(getattr(r, stream.value)) for r in rows}
        return [found.get(bucket, 0) for bucket in buckets]
