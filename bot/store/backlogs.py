"""The backlog of a first sync, as the card of a first day counts it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, func, select

from bot.model.ids import AccountId, ItemId, Moment, PeakId
from bot.model.item import Item, ItemState
from bot.model.peak import RollKind, Sample
from bot.store.connection import Connection
from bot.store.items import item_of
from bot.store.schema import author, item, peak, peak_item
from bot.store.statement import Statement

_SAID = Statement(
    select(item)
    .where(
        item.c.account_id == bindparam("account_id"),
        item.c.published_at >= bindparam("since"),
        item.c.text != "",
    )
    .order_by(item.c.id.desc())
    .limit(bindparam("limit"))
)
_OF_PEAK = (peak_item.c.peak_id == bindparam("peak_id")) & (
    peak_item.c.cluster == bindparam("cluster")
)
_JOINED = peak_item.join(item, item.c.id == peak_item.c.item_id)
_WAITS = _OF_PEAK & (item.c.state == ItemState.MUTED.value)
_WAITING = Statement(select(func.count()).select_from(_JOINED).where(_WAITS))
_FIRST = Statement(
    select(item.c.id, item.c.text, item.c.permalink, author.c.handle, author.c.display_name)
    .select_from(_JOINED.join(author, author.c.id == item.c.author_id))
    .where(_WAITS)
    .order_by(item.c.id.desc())
    .limit(bindparam("limit"))
)
_TIMES = Statement(
    select((item.c.answered_at - item.c.published_at).label("took"))
    .select_from(_JOINED)
    .where(_OF_PEAK, item.c.answered_at.is_not(None))
)
_BEGUN = Statement(
    select(peak.c.id)
    .where(peak.c.kind == RollKind.PAST.value, peak.c.about == bindparam("account_id"))
    .limit(1)
)


class Backlogs:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    def said(self, account_id: AccountId, since: Moment, limit: int) -> list[Item]:
        """What people wrote to an account since then, the newest of it."""
        terms = {"account_id": account_id, "since": since, "limit": limit}
        return [item_of(r) for r in self._c.execute(_SAID, terms)]

    def is_told(self, account_id: AccountId) -> bool:
        """Whether its first day had its card already."""
        return self._c.execute(_BEGUN, {"account_id": account_id}).first() is not None

    def waiting(self, peak_id: PeakId, cluster: str) -> int:
        """Items of a cluster that are silent still."""
        terms = {"peak_id": peak_id, "cluster": cluster}
        return int(self._c.execute(_WAITING, terms).scalar_one())

    def first(self, peak_id: PeakId, cluster: str, limit: int) -> Sequence[Sample]:
        """The newest of these."""
        rows = self._c.execute(_FIRST, {"peak_id": peak_id, "cluster": cluster, "limit": limit})
        return tuple(map(_sample, rows))

    def reply_times(self, peak_id: PeakId, cluster: str) -> list[int]:
        """How long our replies to a cluster took, in milliseconds."""
        rows = self._c.execute(_TIMES, {"peak_id": peak_id, "cluster": cluster})
        return [max(0, int(r.took)) for r in rows]


def _sample(r: Any) -> Sample:
    return Sample(ItemId(r.id), r.display_name or r.handle, r.text, r.permalink)
