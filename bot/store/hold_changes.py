"""Pauses and their ends, as somebody asked for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from bot.model.hold import HoldChange, HoldChangeState, HoldKind, HoldVerb, Shown
from bot.model.ids import AccountId, BrandId, HoldChangeId, MemberId, Moment, PublicationId
from bot.store.connection import Connection
from bot.store.schema import hold_change
from bot.store.statement import Statement

_ADD = Statement(insert(hold_change).returning(hold_change.c.id))
_GET = Statement(select(hold_change).where(hold_change.c.id == bindparam("id")))
_NOTE = Statement(update(hold_change).where(hold_change.c.id == bindparam("b_id")))


class HoldChanges:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    def add(
        self,
        brand_id: BrandId,
        verb: HoldVerb,
        kinds: Sequence[HoldKind],
        account_id: AccountId | None,
        *,
        reason: str,
        member_id: MemberId,
        shown: Shown,
        at: Moment,
    ) -> HoldChangeId:
        values = {
            "brand_id": brand_id,
            "verb": verb.value,
            "kinds": [one.value for one in kinds],
            "account_id": account_id,
            "reason": reason,
            "member_id": member_id,
            "asked_at": at,
            "state": HoldChangeState.ASKED.value,
            **_columns(shown),
        }
        return HoldChangeId(self._c.execute(_ADD, values).scalar_one())

    def get(self, number: HoldChangeId) -> HoldChange:
        return _change(self._c.execute(_GET, {"id": number}).one())

    def settle(self, number: HoldChangeId, state: HoldChangeState) -> None:
        """Whoever decides holds the lock of its card."""
        self._c.execute(_NOTE, {"b_id": number, "state": state.value})

    def show(self, number: HoldChangeId, shown: Shown) -> None:
        """Its asker is shown something else now."""
        self._c.execute(_NOTE, {"b_id": number, **_columns(shown)})


def _columns(shown: Shown) -> dict[str, Any]:
    return {"shown_posts": sorted(shown.posts), "shown_replies": shown.replies}


def _change(r: Any) -> HoldChange:
    return HoldChange(
        id=HoldChangeId(r.id),
        brand_id=BrandId(r.brand_id),
        verb=HoldVerb(r.verb),
        kinds=tuple(HoldKind(one) for one in r.kinds),
        account_id=None if r.account_id is None else AccountId(r.account_id),
        reason=r.reason,
        member_id=MemberId(r.member_id),
        asked_at=Moment(r.asked_at),
        state=HoldChangeState(r.state),
        shown=Shown(frozenset(PublicationId(one) for one in r.shown_posts), r.shown_replies),
    )
