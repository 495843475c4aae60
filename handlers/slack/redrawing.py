"""When a person's Home tab is drawn again: not twice for one look at it, and not while it hurries.

A Home tab remembers the hash of what it shows, and Slack sends that back with whatever a person
does there: so what they see already is not sent again, whichever process drew it. Of several draws
within a second only the newest is sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.ports import Clock

PACE_SECONDS = 1.0
MOST_READERS = 1_000
"""Of whom it is remembered when their Home was drawn last."""


@dataclass(slots=True)
class _Last:
    """`turn` counts the draws that were asked for; `look` is the one that was sent last."""

    turn: int = 0
    at: float = float("-inf")
    look: str = ""


class Redrawing:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._readers: dict[str, _Last] = {}

    async def is_newest(self, user: str) -> bool:
        """Waits until this person's Home may be drawn; False when another draw came meanwhile."""
        last = self._of(user)
        last.turn += 1
        mine = last.turn
        wait = last.at + PACE_SECONDS - self._clock.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        if last.turn != mine:
            return False
        last.at = self._clock.monotonic()
        return True

    async def send(
        self, user: str, shown: str, look: str, publish: Callable[[], Awaitable[bool]]
    ) -> None:
        """Unless they see it already: `shown` is the look that Slack says stands there."""
        last = self._of(user)
        if look == shown and last.look in {"", look}:
            return
        last.look = look if await publish() else ""

    def _of(self, user: str) -> _Last:
        last = self._readers.pop(user, None) or _Last()
        self._readers[user] = last
        while len(self._readers) > MOST_READERS:
            del self._readers[next(iter(self._readers))]
        return last
