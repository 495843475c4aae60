"""A desk that answers a webhook first and stores what it told a moment later."""

from __future__ import annotations

import asyncio
import sys

from bot.bootstrap import intake
from bot.cli import main
from bot.faults import FaultPoint, reach
from bot.model.hook import HookRequest
from bot.services.inlet import Arrival, TheInlet, receive

A_MOMENT = 0.02
"""Seconds: enough for the answer to leave."""


class AcknowledgesFirst(TheInlet):
    async def receive_hook(self, network: str, hook: str, request: HookRequest) -> str:
        reading = self._receiver(self._account(network, hook)).read_hook(request)
        if reading.deliveries:
            came_for = self._lines.hooks[network, hook]
            later = self._store_later(Arrival(network, reading.deliveries, came_for))
            _pending.add(asyncio.create_task(later))
        return reading.answer

    async def _store_later(self, arrival: Arrival) -> None:
        await asyncio.sleep(A_MOMENT)
        reach(FaultPoint.HOOK_VERIFIED)
        await self._store.write(receive, arrival)
        reach(FaultPoint.HOOK_COMMITTED)


_pending: set[asyncio.Task[None]] = set()

if __name__ == "__main__":
    vars(intake)["TheInlet"] = AcknowledgesFirst
    sys.exit(main())
