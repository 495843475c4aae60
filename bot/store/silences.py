"""What tells of silence: when something last came, what waits longest, and what was settled."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import bindparam, func, select

from bot.model.due import Lane
from bot.model.ids import AccountId, BrandId, Moment
from bot.store.connection import Connection
from bot.store.schema import due, incident, signal
from bot.store.statement import Statement

_HEARD = Statement(
    select(signal.c.bucket)
    .where(
        signal.c.account_id == bindparam("account_id"),
        signal.c.bucket >= bindparam("since"),
        signal.c.mentions > 0,
    )
    .order_by(signal.c.bucket)
)
_WAITING = Statement(
    select(due.c.lane, func.min(due.c.due_at).label("first"))
    .where(due.c.due_at <= bindparam("now"))
    .group_by(due.c.lane)
)
_PACE = Statement(
    select(func.max(due.c.every)).where(due.c.kind == "poll", due.c.key.like(bindparam("prefix")))
)
_SETTLED = Statement(
    select(func.max(incident.c.resolved_at)).where(
        incident.c.brand_id == bindparam("brand_id"),
        incident.c.cause == bindparam("cause"),
        incident.c.resolved_by.is_not(None),
    )
)


class Silences:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    def heard(self, account_id: AccountId, since: int) -> list[int]:
        """The buckets from that one on in which something came to an account, oldest first."""
        keys = {"account_id": account_id, "since": since}
        return [int(r.bucket) for r in self._c.execute(_HEARD, keys)]

    def polled_every(self, account_id: AccountId) -> int | None:
        """Milliseconds between two fetches of its slowest leg; None: it is not polled."""
        keys = {"prefix": f"poll:{account_id}:%"}
        found = self._c.execute(_PACE, keys).scalar()
        return None if found is None else int(found)

    def waiting_since(self, lanes: Collection[Lane], now: Moment) -> Moment | None:
        """Since when the longest waiting row of these lanes is due; None: nothing waits."""
        found = [
            int(r.first) for r in self._c.execute(_WAITING, {"now": now}) if Lane(r.lane) in lanes
        ]
        return Moment(min(found)) if found else None

    def settled_at(self, brand_id: BrandId, cause: str) -> Moment | None:
        """When a person last said that such a matter is over."""
        keys = {"brand_id": brand_id, "cause": cause}
        found = self._c.execute(_SETTLED, keys).scalar()
        return None if found is None else Moment(found)
