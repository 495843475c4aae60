"""What was used today, counted in one process; a restart begins at nothing.

The form that a fleet shares, and that outlives a restart, is `bot.coordination.redis.spending`.
"""

from __future__ import annotations

from bot.model.ids import DAY
from bot.ports import Clock


class LocalSpending:
    """Implements `bot.ports.Spending`. A day is one of UTC."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._day = 0
        self._spent = 0

    @property
    def day(self) -> int:
        """Days since 1970."""
        return self._clock.now() // DAY

    async def spent(self) -> int:
        return self._spent if self._day == self.day else 0

    async def add(self, amount: int) -> None:
        self._spent = await self.spent() + amount
        self._day = self.day
