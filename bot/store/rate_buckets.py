"""Buckets of the limiter, kept in the database when several processes share a network's limits.

`tat` is the limiter's theoretical arrival time in microseconds since 1970, `closed_until` a
moment in milliseconds; both only grow. On PostgreSQL the server's clock is everybody's clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import BigInteger, Double, cast, func, select

from bot.model.ids import Moment
from bot.ports import Clock
from bot.store.by_keys import ByKeys
from bot.store.connection import Connection
from bot.store.schema import rate_bucket
from bot.store.statement import Statement
from bot.store.upsert import Upsert

_SAVE = Upsert(
    rate_bucket,
    lambda saved: saved.on_conflict_do_update(
        index_elements=["key"],
        set_={"tat": saved.excluded.tat, "closed_until": saved.excluded.closed_until},
    ),
)
_ENSURE = Upsert(rate_bucket, lambda added: added.on_conflict_do_nothing())
_FIND = ByKeys(select(rate_bucket), rate_bucket.c.key)
_LOCK = ByKeys(select(rate_bucket).order_by(rate_bucket.c.key).with_for_update(), rate_bucket.c.key)
_SERVER_MICROS = Statement(
    select(
        cast(cast(func.extract("epoch", func.clock_timestamp()), Double) * 1_000_000, BigInteger)
    )
)


@dataclass(frozen=True, slots=True)
class Bucket:
    tat: int = 0
    closed_until: int = 0


class RateBuckets:
    """A repository over one transaction's connection."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._c = connection
        self._clock = clock
        self._is_postgres = connection.dialect.name == "postgresql"

    def now(self) -> int:
        """Microseconds since 1970, by the clock that all processes share."""
        if not self._is_postgres:
            return self._clock.now() * 1000
        micros = self._c.execute(_SERVER_MICROS).scalar_one()
        return int(micros) + int(getattr(self._clock, "skew", 0)) * 1000

    def find(self, keys: Iterable[str]) -> dict[str, Bucket]:
        """Those of these buckets that there are, as they stand."""
        rows = _FIND.rows(self._c, sorted(set(keys)), {})
        return {row.key: Bucket(row.tat, row.closed_until) for row in rows}

    def lock(self, keys: Iterable[str]) -> dict[str, Bucket]:
        """All these buckets, held until the commit; always locked in the same order."""
        wanted = sorted(set(keys))
        if not wanted:
            return {}
        found = self._locked(wanted)
        missing = [{"key": key, "tat": 0} for key in wanted if key not in found]
        if missing and self._is_postgres:
            # a row that is not there cannot be locked: two first calls would both be let through
            self._c.execute(_ENSURE[self._c.dialect.name], missing)
            found = self._locked(wanted)
        return {key: found.get(key, Bucket()) for key in wanted}

    def _locked(self, keys: list[str]) -> dict[str, Bucket]:
        rows = _LOCK.rows(self._c, keys, {})
        return {row.key: Bucket(row.tat, row.closed_until) for row in rows}

    def save(self, buckets: Mapping[str, Bucket]) -> None:
        if not buckets:
            return
        self._c.execute(
            _SAVE[self._c.dialect.name],
            [
                {"key": key, "tat": bucket.tat, "closed_until": bucket.closed_until}
                for key, bucket in sorted(buckets.items())
            ],
        )

    def closed_until(self, key: str) -> Moment:
        """When a key opens again; 0 for one that was never closed."""
        found = self._c.execute(
            select(rate_bucket.c.closed_until).where(rate_bucket.c.key == key)
        ).scalar()
        return Moment(found or 0)

    def closings(self) -> dict[str, Moment]:
        """Keys that are closed now, and until when."""
        still = rate_bucket.c.closed_until > self.now() // 1000
        rows = self._c.execute(select(rate_bucket.c.key, rate_bucket.c.closed_until).where(still))
        return {row.key: Moment(row.closed_until) for row in rows}
