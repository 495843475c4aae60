"""Goals: by when replies are due, whom to tell next, and how it went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select, text, update

from bot.model.goals import Awaited
from bot.model.ids import (
    AccountId,
    BrandId,
    ChannelId,
    ItemId,
    Moment,
    PeakId,
)
from bot.model.item import UNDECIDED, Item, ItemState, ReplyClock
from bot.model.triage import Triage
from bot.store.by_keys import ByKeys
from bot.store.connection import Connection
from bot.store.items import item_of
from bot.store.schema import author, card, card_ref, item, peak_item
from bot.store.statement import Statement
from bot.store.stored_triage import triage_from_json

_OF_BRAND = item.c.brand_id == bindparam("brand_id")
WROTE_AGAIN = ("wrote", "")
"""The cluster of what is on a rolling card because its author wrote more."""
# the words of the index: only so it is used
_WAITS = text("state IN ('open', 'answering')")
_SET = Statement(update(item).where(item.c.id == bindparam("b_id")))
_TO_TELL = Statement(
    select(item)
    .where(_OF_BRAND, item.c.tell_at.is_not(None), item.c.tell_at <= bindparam("now"), _WAITS)
    .order_by(item.c.tell_at)
    .limit(bindparam("limit"))
)
_STANDS = ByKeys(
    select(card.c.subject_id, card_ref.c.channel_id)
    .join(card_ref, card_ref.c.card_id == card.c.id)
    .where(card.c.kind == "item"),
    card.c.subject_id,
)
_WAITING = Statement(
    select(item)
    .where(
        _OF_BRAND,
        item.c.state.in_([ItemState.OPEN.value, ItemState.ANSWERING.value]),
        item.c.id > bindparam("after"),
    )
    .order_by(item.c.id)
    .limit(bindparam("limit"))
)
_CLEAR = Statement(
    update(item)
    .where(item.c.brand_id == bindparam("b_brand_id"), item.c.due_at.is_not(None), _WAITS)
    .values(waits_since=None, due_at=None, tell_at=None)
)
_IN_ROLL = Statement(
    select(
        item.c.id,
        item.c.text,
        item.c.permalink,
        item.c.due_at,
        peak_item.c.cluster,
        author.c.handle,
        author.c.display_name,
    )
    .select_from(
        peak_item.join(item, item.c.id == peak_item.c.item_id).join(
            author, author.c.id == item.c.author_id
        )
    )
    .where(
        peak_item.c.peak_id == bindparam("peak_id"),
        item.c.state.in_([state.value for state in sorted(UNDECIDED)]),
    )
    .order_by(item.c.due_at, item.c.id)
    .limit(bindparam("limit"))
)
_STARTED = Statement(
    select(
        item.c.waits_since, item.c.due_at, item.c.answered_at, item.c.follows_id, item.c.account_id
    ).where(
        _OF_BRAND,
        item.c.waits_since >= bindparam("since"),
        item.c.waits_since < bindparam("until"),
        item.c.state != ItemState.CLOSED.value,
        item.c.state != ItemState.GONE.value,
    )
)


@dataclass(frozen=True, slots=True)
class Waited:
    """How long somebody waited: until `answered_at`, or they still do (None)."""

    since: Moment
    due_at: Moment
    answered_at: Moment | None
    is_next: bool
    account_id: AccountId


class Goals:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    def set(self, clocks: Sequence[tuple[ItemId, ReplyClock | None]]) -> None:
        """From now on these wait by these clocks; None is by none."""
        if clocks:
            self._c.execute(_SET, [{"b_id": key, **_columns(one)} for key, one in clocks])

    def restart(self, item_id: ItemId, clock: ReplyClock | None) -> None:
        """It waits anew, and has no answer."""
        self._c.execute(_SET, {"b_id": item_id, **_columns(clock), "answered_at": None})

    def told(self, found: Sequence[tuple[ItemId, Moment | None]]) -> None:
        """When each is to be told of next."""
        if found:
            self._c.execute(_SET, [{"b_id": key, "tell_at": at} for key, at in found])

    def to_tell(self, brand_id: BrandId, now: Moment, limit: int) -> list[Item]:
        """What the team is to be told of by now, the most urgent first."""
        terms = {"brand_id": brand_id, "now": now, "limit": limit}
        return [item_of(r) for r in self._c.execute(_TO_TELL, terms)]

    def stands(self, ids: Sequence[ItemId]) -> dict[ItemId, list[ChannelId]]:
        """In which channels the card of each stands."""
        found: dict[ItemId, list[ChannelId]] = {}
        for row in _STANDS.rows(self._c, ids, {}):
            found.setdefault(ItemId(row.subject_id), []).append(ChannelId(row.channel_id))
        return found

    def waiting(
        self, brand_id: BrandId, after: int, limit: int
    ) -> list[tuple[Item, Triage | None]]:
        """Open items with ids above `after`, each with its triage (or None)."""
        terms = {"brand_id": brand_id, "after": after, "limit": limit}
        return [
            (item_of(r), None if r.triage is None else triage_from_json(r.triage))
            for r in self._c.execute(_WAITING, terms)
        ]

    def clear(self, brand_id: BrandId) -> None:
        """The brand has no goals any more."""
        self._c.execute(_CLEAR, {"b_brand_id": brand_id})

    def awaited(self, peak_id: PeakId, limit: int) -> list[Awaited]:
        """Items of a rolling card that still wait, the first due first."""
        rows = self._c.execute(_IN_ROLL, {"peak_id": peak_id, "limit": limit})
        return [
            Awaited(
                ItemId(r.id),
                r.display_name or r.handle,
                r.text,
                r.permalink,
                None if r.due_at is None else Moment(r.due_at),
                wrote_again=r.cluster == WROTE_AGAIN[0],
            )
            for r in rows
        ]

    def started(self, brand_id: BrandId, since: Moment, until: Moment) -> list[Waited]:
        """Those that began to wait in this span, without those that want no reply after all."""
        terms = {"brand_id": brand_id, "since": since, "until": until}
        return [
            Waited(
                Moment(r.waits_since),
                Moment(r.due_at),
                None if r.answered_at is None else Moment(r.answered_at),
                r.follows_id is not None,
                AccountId(r.account_id),
            )
            for r in self._c.execute(_STARTED, terms)
        ]


def _columns(clock: ReplyClock | None) -> dict[str, Any]:
    if clock is None:
        return {"waits_since": None, "due_at": None, "tell_at": None}
    return {"waits_since": clock.since, "due_at": clock.due_at, "tell_at": clock.tell_at}
