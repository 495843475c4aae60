"""Pages: each is written before it is sent, and its outcome after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from bot.model.ids import BrandId, IncidentId, MemberId, Moment, PageId, PostKey
from bot.model.incident import IncidentRole, IncidentState
from bot.model.paging import Page, PageState
from bot.store.connection import Connection
from bot.store.schema import page
from bot.store.statement import Statement

MOST_TESTS = 200
"""How many of the latest are looked at."""

_ADD = Statement(insert(page).returning(page.c.id))
_GET = Statement(select(page).where(page.c.id == bindparam("id")))
_MOVE = Statement(
    update(page)
    .where(page.c.id == bindparam("b_id"), page.c.state == bindparam("b_from"))
    .returning(page.c.id)
)
_NOTE = Statement(update(page).where(page.c.id == bindparam("b_id")))
_OF_INCIDENT = Statement(
    select(page).where(page.c.incident_id == bindparam("incident_id")).order_by(page.c.id)
)
_PROVED = Statement(
    select(page.c.member_id, page.c.routes, page.c.route, page.c.delivered_at)
    .where(
        page.c.brand_id == bindparam("brand_id"),
        page.c.delivered_at >= bindparam("since"),
        page.c.member_id.is_not(None),
    )
    .order_by(page.c.delivered_at)
)


_TESTS = Statement(
    select(page)
    .where(page.c.brand_id == bindparam("brand_id"), page.c.incident_id.is_(None))
    .order_by(page.c.id.desc())
    .limit(MOST_TESTS)
)


class Pages:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    def add(
        self,
        brand_id: BrandId,
        incident_id: IncidentId | None,
        member_id: MemberId | None,
        turn: int,
        routes: Sequence[str],
        key: PostKey,
        at: Moment,
        role: IncidentRole | None = None,
    ) -> PageId:
        row = {
            "brand_id": brand_id,
            "incident_id": incident_id,
            "member_id": member_id,
            "turn": turn,
            "routes": list(routes),
            "route": 0,
            "key": key,
            "state": PageState.WANTED.value,
            "tries": 0,
            "is_repeat": False,
            "doubts": 0,
            "created_at": at,
            "role": None if role is None else role.value,
        }
        return PageId(self._c.execute(_ADD, row).scalar_one())

    def get(self, page_id: PageId) -> Page:
        return _page(self._c.execute(_GET, {"id": page_id}).one())

    def of_incident(self, incident_id: IncidentId) -> list[Page]:
        """In the order in which they were wanted."""
        return [_page(r) for r in self._c.execute(_OF_INCIDENT, {"incident_id": incident_id})]

    def tests(self, brand_id: BrandId) -> list[Page]:
        """The latest, oldest first: of two to one member by one route the second counts."""
        return [_page(r) for r in self._c.execute(_TESTS, {"brand_id": brand_id})][::-1]

    def move(self, found: Page, old: PageState, new: PageState, **values: Any) -> bool:
        """Compare-and-set on the state, with other columns; False when somebody was faster."""
        terms = {"b_id": found.id, "b_from": old.value, "state": new.value, **values}
        return self._c.execute(_MOVE, terms).first() is not None

    def note(self, page_id: PageId, **values: Any) -> None:
        self._c.execute(_NOTE, {"b_id": page_id, **values})

    def proved(self, brand_id: BrandId, since: int) -> dict[tuple[MemberId, str], Moment]:
        """By member and route, when a page was last delivered there, from `since` on."""
        rows = self._c.execute(_PROVED, {"brand_id": brand_id, "since": since})
        return {
            (MemberId(r.member_id), str(r.routes[r.route])): Moment(r.delivered_at) for r in rows
        }


def _page(r: Any) -> Page:
    return Page(
        id=PageId(r.id),
        brand_id=BrandId(r.brand_id),
        incident_id=None if r.incident_id is None else IncidentId(r.incident_id),
        member_id=None if r.member_id is None else MemberId(r.member_id),
        routes=tuple(r.routes),
        key=PostKey(r.key),
        state=PageState(r.state),
        created_at=Moment(r.created_at),
        turn=r.turn,
        route=r.route,
        tries=r.tries,
        is_repeat=r.is_repeat,
        doubts=r.doubts,
        sending_until=None if r.sending_until is None else Moment(r.sending_until),
        place=r.place,
        receipt=r.receipt,
        says=r.says,
        delivered_at=None if r.delivered_at is None else Moment(r.delivered_at),
        told=None if r.told is None else IncidentState(r.told),
        role=None if r.role is None else IncidentRole(r.role),
    )
