"""What all processes together used today.

Each process writes its own sum into a field of its own, never a difference, and the sum of the
fields is the answer. So nothing is counted twice when an answer is lost, and after a flush every
process that lives brings its part back with its next word; only what a process that is gone had
used is forgotten. While Redis does not answer, each process knows its own part.
"""

from __future__ import annotations

from bot.coordination.redis.line import RedisLine
from bot.coordination.redis.scripts import SPENDING, Script
from bot.coordination.spending import LocalSpending
from bot.errors import CoordinationLost
from bot.ports import Clock

_SPENDING = Script(SPENDING)
KEPT_SECONDS = 2 * 86_400


class RedisSpending:
    """Implements `bot.ports.Spending`; `name` is what is counted, `me` this process."""

    def __init__(self, line: RedisLine, name: str, clock: Clock, me: str) -> None:
        self._line = line
        self._name = name
        self._me = me
        self._own = LocalSpending(clock)

    async def spent(self) -> int:
        own = await self._own.spent()
        key = f"replydesk:spent:{self._name}:{self._own.day}"
        words = [self._me, own, KEPT_SECONDS]
        try:
            return int(await self._line.ask(lambda c: _SPENDING.run(c, [key], words)))
        except CoordinationLost:
            return own

    async def add(self, amount: int) -> None:
        await self._own.add(amount)
        await self.spent()
