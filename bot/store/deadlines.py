"""Time-outs of many short waits, without a timer for each.

Callers use a handful of different time-outs, and those with the same one end in the order in
which they began. So each time-out is a queue with one timer for its head; what was answered in
time, nearly all, is dropped from the head when the next one comes.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.store.writer import Unit


@dataclass(slots=True)
class _Lane:
    waiting: deque[tuple[float, Unit]] = field(default_factory=deque)
    timer: asyncio.TimerHandle | None = None

    def forget_answered(self) -> None:
        while self.waiting and self.waiting[0][1].future.done():
            self.waiting.popleft()


class Deadlines:
    """Calls `expire(unit, seconds)` for a unit that is not answered after `seconds`."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, expire: Callable[[Unit, float], None]
    ) -> None:
        self._loop = loop
        self._expire = expire
        self._lanes: dict[float, _Lane] = {}

    def watch(self, unit: Unit, seconds: float) -> None:
        lane = self._lanes.get(seconds)
        if lane is None:
            lane = self._lanes[seconds] = _Lane()
        lane.forget_answered()
        lane.waiting.append((self._loop.time() + seconds, unit))
        if lane.timer is None:
            self._arm(lane, seconds)

    def close(self) -> None:
        for lane in self._lanes.values():
            if lane.timer is not None:
                lane.timer.cancel()
        self._lanes.clear()

    def _arm(self, lane: _Lane, seconds: float) -> None:
        lane.timer = self._loop.call_at(lane.waiting[0][0], self._look, lane, seconds)

    def _look(self, lane: _Lane, seconds: float) -> None:
        lane.timer = None
        now = self._loop.time()
        lane.forget_answered()
        while lane.waiting and lane.waiting[0][0] <= now:
            unit = lane.waiting.popleft()[1]
            if not unit.future.done():
                self._expire(unit, seconds)
            lane.forget_answered()
        if lane.waiting:
            self._arm(lane, seconds)
        elif self._lanes.get(seconds) is lane:
            # a caller's odd time-outs must not gather here for ever
            del self._lanes[seconds]
