"""Counts of what came in, in buckets of five minutes, and what the watches on them know.

A row is of one account and one bucket: the five minutes in which the items were published. Beside
each count stands how much of it a watch has taken into account, so that what comes late is seen as
news whenever it comes (`bot.services.watching`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, delete, select, update

from bot.model.ids import AccountId, BrandId
from bot.model.signal import Count, Stream
from bot.store.connection import Connection
from bot.store.schema import signal, watch
from bot.store.statement import Statement
from bot.store.upsert import Upsert

_STREAMS = tuple(stream.value for stream in Stream)


def _taken(name: str) -> str:
    return f"taken_{name}"


_COUNT = Upsert(
    signal,
    lambda row: row.on_conflict_do_update(
        index_elements=[signal.c.bucket, signal.c.account_id],
        set_={name: signal.c[name] + row.excluded[name] for name in _STREAMS},
    ),
)
_COUNT_KNOWN = Upsert(
    signal,
    lambda row: row.on_conflict_do_update(
        index_elements=[signal.c.bucket, signal.c.account_id],
        set_={
            name: signal.c[name] + row.excluded[name]
            for name in (*_STREAMS, *map(_taken, _STREAMS))
        },
    ),
)
_SINCE = Statement(select(signal).where(signal.c.bucket >= bindparam("since")))
_TAKE = Statement(
    update(signal).where(
        signal.c.bucket == bindparam("b_bucket"), signal.c.account_id == bindparam("b_account")
    )
)
_FORGET = Statement(delete(signal).where(signal.c.bucket < bindparam("before")))
_WATCHES = Statement(select(watch))
_KEEP = Upsert(
    watch,
    lambda row: row.on_conflict_do_update(
        index_elements=[watch.c.brand_id, watch.c.account_id, watch.c.stream],
        set_={"state": row.excluded.state},
    ),
)


@dataclass(frozen=True, slots=True)
class StoredCount:
    """`fresh` is what no watch has taken into account yet."""

    whole: Count
    fresh: Mapping[Stream, int]


WatchKey = tuple[BrandId, AccountId | None, Stream]
"""None for all accounts of the brand together."""


class Signals:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    def add(self, counts: Sequence[Count]) -> None:
        """Add to what is counted already. Give each account and bucket once."""
        rows = _columns(counts)
        if rows:
            self._c.execute(_COUNT[self._c.dialect.name], rows)

    def add_known(self, counts: Sequence[Count]) -> None:
        """As `add`, of what is no news to any watch: it was said before anybody watched."""
        rows = [row | {_taken(name): row[name] for name in _STREAMS} for row in _columns(counts)]
        if rows:
            self._c.execute(_COUNT_KNOWN[self._c.dialect.name], rows)

    def since(self, bucket: int) -> list[StoredCount]:
        """Of all brands, from that bucket on."""
        return [_stored(r) for r in self._c.execute(_SINCE, {"since": bucket})]

    def take(self, counts: Sequence[Count]) -> None:
        """A watch has taken these into account, as they were read."""
        rows = [
            {
                "b_bucket": one.bucket,
                "b_account": one.account_id,
                **{_taken(stream.value): many for stream, many in one.by_stream.items()},
            }
            for one in counts
        ]
        if rows:
            self._c.execute(_TAKE, rows)

    def forget(self, before: int) -> None:
        """Counts of buckets before that one."""
        self._c.execute(_FORGET, {"before": before})

    def watches(self) -> dict[WatchKey, Any]:
        """What each watch knows, as it was kept."""
        return {
            (BrandId(r.brand_id), AccountId(r.account_id) or None, Stream(r.stream)): r.state
            for r in self._c.execute(_WATCHES)
        }

    def keep_watches(self, states: Collection[tuple[WatchKey, Any]]) -> None:
        rows = [
            {"brand_id": brand, "account_id": account or 0, "stream": stream.value, "state": state}
            for (brand, account, stream), state in states
        ]
        if rows:
            self._c.execute(_KEEP[self._c.dialect.name], rows)


def _columns(counts: Sequence[Count]) -> list[dict[str, int]]:
    """In one order, so that two transactions do not wait for each other."""
    return [
        {
            "brand_id": one.brand_id,
            "account_id": one.account_id,
            "bucket": one.bucket,
            **{stream.value: many for stream, many in one.by_stream.items()},
        }
        for one in sorted(counts, key=lambda count: (count.bucket, count.account_id))
    ]


def _stored(r: Any) -> StoredCount:
    whole = {stream: int(getattr(r, stream.value)) for stream in Stream}
    fresh = {s: many - int(getattr(r, _taken(s.value))) for s, many in whole.items()}
    return StoredCount(
        Count(BrandId(r.brand_id), AccountId(r.account_id), int(r.bucket), whole), fresh
    )
