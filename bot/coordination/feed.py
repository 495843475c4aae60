"""Committed events in the order of their numbers, none skipped, for everybody who watches.

On SQLite a number is taken under the write lock, so numbers appear in order. On PostgreSQL a
higher number may become visible first, and the missing one is either on its way or was undone.
The feed keeps a watermark: every number up to it is visible or will never be. To move it, look
at the highest visible number, then list the writing transactions that run (`bot.store.horizon`);
whoever holds a lower number is in that list or is over. When none of them runs any more, a new
snapshot shows all that will ever be below that number. Until then readers stop at the gap.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from bot.model.event import Event
from bot.model.ids import EventId
from bot.ports import Wakeup
from bot.store.horizon import may_appear_late, running
from bot.store.store import Store
from bot.store.tx import Tx

IDLE_SECONDS = 5.0
GAP_SECONDS = 0.02
LATEST_LOOKS = 50


@dataclass(frozen=True, slots=True)
class _Survey:
    """The highest visible number, and who ran when it was seen."""

    highest: EventId
    running: frozenset[str]


class StoreFeed:
    """Implements `bot.ports.EventFeed` over the store and a wake-up."""

    def __init__(self, store: Store, wakeup: Wakeup) -> None:
        self._store = store
        self._wakeup = wakeup
        self._settled = EventId(0)
        self._survey: _Survey | None = None

    async def since(self, last: EventId, limit: int = 200) -> Sequence[Event]:
        """At most `limit` events after `last`, up to the first number that may still appear."""
        events, _ = await self._read(last, limit)
        return events

    async def latest(self) -> EventId:
        """A number below which nothing will appear any more.

        While a long transaction holds a lower number, an older answer is given after a second:
        who follows from it sees some events again.
        """
        survey = await self._store.read(_look)
        async with self._wakeup.bell() as bell:
            for _ in range(LATEST_LOOKS):
                if await self._is_over(survey):
                    return survey.highest
                await bell.wait(GAP_SECONDS)
        return self._settled

    async def follow(self, last: EventId) -> AsyncIterator[Event]:
        """Events after `last` as they are committed, for ever."""
        async with self._wakeup.bell() as bell:
            while True:
                events, is_at_gap = await self._read(last, 200)
                for event in events:
                    yield event
                    last = event.id
                if not events:
                    await bell.wait(GAP_SECONDS if is_at_gap else IDLE_SECONDS)

    async def _read(self, last: EventId, limit: int) -> tuple[Sequence[Event], bool]:
        """The events up to the first gap, and whether there is a gap right behind them."""
        safe, is_at_gap = await self._read_once(last, limit)
        if is_at_gap and await self._settle():
            # only a snapshot younger than the end of those who ran shows all that they did
            return await self._read_once(last, limit)
        return safe, is_at_gap

    async def _read_once(self, last: EventId, limit: int) -> tuple[Sequence[Event], bool]:
        # the watermark of before the snapshot: it may move while we read
        settled = self._settled
        events, is_late = await self._store.read(
            lambda tx: (tx.events.after(last, limit), may_appear_late(tx.connection))
        )
        safe = _before_gap(last, events, settled) if is_late else events
        return safe, len(safe) < len(events)

    async def _settle(self) -> bool:
        """Try to move the watermark; True when it moved."""
        if self._survey is None:
            self._survey = await self._store.read(_look)
        survey = self._survey
        if not await self._is_over(survey):
            return False
        self._survey = None
        return True

    async def _is_over(self, survey: _Survey) -> bool:
        if survey.running & await self._store.read(_running):
            return False
        self._settled = EventId(max(self._settled, survey.highest))
        return True


def _look(tx: Tx) -> _Survey:
    # The order matters: first the snapshot, then who runs.
    highest = tx.events.latest()
    return _Survey(highest, _running(tx))


def _running(tx: Tx) -> frozenset[str]:
    return running(tx.connection) if may_appear_late(tx.connection) else frozenset()


def _before_gap(last: EventId, events: Sequence[Event], settled: EventId) -> Sequence[Event]:
    expected = last + 1
    for position, event in enumerate(events):
        if event.id != expected and event.id - 1 > settled:
            return events[:position]
        expected = event.id + 1
    return events
