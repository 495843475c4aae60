"""What was told in the threads under cards' messages, and what is being told right now.

A row is made when something is told for the first time. `key` is set while a request may be out;
`upto` is the last event that it tells.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select, update

from bot.model.ids import CardRefId, EventId, Moment, PostKey
from bot.store.by_keys import ByKeys
from bot.store.connection import Connection
from bot.store.schema import card_thread
from bot.store.statement import Statement
from bot.store.upsert import Upsert

_SOME = ByKeys(select(card_thread), card_thread.c.ref_id)
_MAKE = Upsert(card_thread, lambda made: made.on_conflict_do_nothing(index_elements=["ref_id"]))
_BEGIN = Statement(
    update(card_thread).where(
        card_thread.c.ref_id == bindparam("b_ref"), card_thread.c.key.is_(None)
    )
)
_END = Statement(
    update(card_thread)
    .where(card_thread.c.ref_id == bindparam("b_ref"), card_thread.c.key == bindparam("b_key"))
    .values(key=None)
)
_TOLD = Statement(_END.core.values(told=card_thread.c.upto))


_NO_EVENT, _NEVER = EventId(0), Moment(0)


@dataclass(frozen=True, slots=True)
class CardThread:
    """`told`: the last event that stands in the thread. `key` None: nothing is on its way."""

    ref_id: CardRefId
    told: EventId = _NO_EVENT
    key: PostKey | None = None
    upto: EventId = _NO_EVENT
    posting_since: Moment = _NEVER
    posting_until: Moment = _NEVER


class CardThreads:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    def some(self, ids: Collection[CardRefId]) -> dict[CardRefId, CardThread]:
        """Those of these under which something was told, or is being told."""
        return {CardRefId(r.ref_id): _thread(r) for r in _SOME.rows(self._c, ids, {})}

    def begin(self, begun: CardThread) -> bool:
        """A request is about to leave; False when one is out already."""
        row = {"told": 0, "upto": 0, "posting_since": 0, "posting_until": 0}
        self._c.execute(_MAKE[self._c.dialect.name], {"ref_id": begun.ref_id, **row})
        values = {
            "key": begun.key,
            "upto": begun.upto,
            "posting_since": begun.posting_since,
            "posting_until": begun.posting_until,
        }
        return self._c.execute(_BEGIN, {"b_ref": begun.ref_id, **values}).rowcount == 1

    def end(self, thread: CardThread, *, is_told: bool) -> bool:
        """It stands there, or does not; False when somebody was faster."""
        statement = _TOLD if is_told else _END
        terms = {"b_ref": thread.ref_id, "b_key": thread.key}
        return self._c.execute(statement, terms).rowcount == 1


def _thread(r: Any) -> CardThread:
    return CardThread(
        ref_id=CardRefId(r.ref_id),
        told=EventId(r.told),
        key=None if r.key is None else PostKey(r.key),
        upto=EventId(r.upto),
        posting_since=Moment(r.posting_since),
        posting_until=Moment(r.posting_until),
    )
