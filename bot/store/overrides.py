"""What the team says beside the plan: who stands in, and that a peak is expected."""

from __future__ import annotations

from sqlalchemy import bindparam, func, insert, select

from bot.model.ids import BrandId, MemberId, Moment
from bot.model.oncall import Override
from bot.store.connection import Connection
from bot.store.schema import expected_peak, member, oncall_override
from bot.store.statement import Statement

_ADD = Statement(insert(oncall_override))
_AHEAD = Statement(
    select(oncall_override, member.c.slug)
    .join(member, member.c.id == oncall_override.c.member_id)
    .where(
        oncall_override.c.brand_id == bindparam("brand_id"),
        oncall_override.c.until > bindparam("at"),
        member.c.is_active.is_(True),
    )
    .order_by(oncall_override.c.id)
)


_EXPECT = Statement(insert(expected_peak))
_PEAK = Statement(
    select(func.max(expected_peak.c.until)).where(
        expected_peak.c.brand_id == bindparam("brand_id"),
        expected_peak.c.since <= bindparam("at"),
        expected_peak.c.until > bindparam("at"),
    )
)


class Overrides:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    def add(self, brand_id: BrandId, made: Override, who: MemberId, by: MemberId) -> None:
        """`who` is the member whose slug the override names."""
        self._c.execute(
            _ADD,
            {
                "brand_id": brand_id,
                "rotation": made.rotation,
                "member_id": who,
                "since": made.since,
                "until": made.until,
                "made_by": by,
            },
        )

    def ahead(self, brand_id: BrandId, at: Moment) -> list[Override]:
        """Those that are not over at this moment, in the order in which they were made.

        Of somebody who left the team none holds any more.
        """
        rows = self._c.execute(_AHEAD, {"brand_id": brand_id, "at": at})
        return [Override(r.rotation, r.slug, Moment(r.since), Moment(r.until)) for r in rows]

    def expect(
        self, brand_id: BrandId, until: Moment, reason: str, by: MemberId, at: Moment
    ) -> None:
        """More than usual is to come between now and then."""
        row = {"brand_id": brand_id, "since": at, "until": until, "reason": reason, "made_by": by}
        self._c.execute(_EXPECT, row)

    def peak_until(self, brand_id: BrandId, at: Moment) -> Moment | None:
        """Until when more than usual is expected; None when it is not."""
        found = self._c.execute(_PEAK, {"brand_id": brand_id, "at": at}).scalar()
        return None if found is None else Moment(found)
