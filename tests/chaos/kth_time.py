"""Time that passes only when the desk has nothing to do, and then at once.

It stands in for the wake-up of the real claiming loop. When nothing is due and no task runs, the
loop asks to nap; the clock jumps over the nap instead. So a desk comes to rest after hours of its
own time in milliseconds of ours, and always in the same order.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from bot.ports import Bell
from tests.fakes.clock import FakeClock

Look = Callable[[], bool]

STUCK_SECONDS = 20.0
"""Real seconds in which a running task must end: nothing here waits longer by itself."""


class NotAtRest(AssertionError):
    """What was waited for did not come in time."""


class Hourglass:
    """Implements `Wakeup` and `Bell` for one loop whose tasks are of these kinds."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self._rung = asyncio.Event()
        self._look: Look | None = None
        self._end = 0
        self._seen: asyncio.Future[None] | None = None

    def ring(self) -> None:
        self._rung.set()

    @asynccontextmanager
    async def bell(self) -> AsyncIterator[Bell]:
        yield self

    async def until(self, look: Look, what: str, within: float) -> None:
        """Let time pass until `look` says so, at most so many seconds of the desk's time.

        `look` is asked whenever the desk is idle. NotAtRest when the time is over.
        """
        self._seen = asyncio.get_running_loop().create_future()
        self._look, self._end = look, self._clock.now() + round(within * 1000)
        self.ring()
        try:
            async with asyncio.timeout(STUCK_SECONDS):
                await self._seen
        except TimeoutError:
            raise NotAtRest(f"Nothing moves any more, and not: {what}") from None
        except NotAtRest:
            raise NotAtRest(f"Not within {within:g} seconds: {what}") from None
        finally:
            self._look = None

    async def pass_by(self, seconds: float) -> None:
        """Let so many seconds of the desk's time pass."""
        end = self._clock.now() + round(seconds * 1000)

        def over() -> bool:
            return self._clock.now() >= end

        await self.until(over, "the time is over", seconds + 60)

    async def wait(self, seconds: float) -> None:
        """A nap of the claiming loop."""
        if _working() or self._look is None:
            await self._rung.wait()
        elif not self._is_seen() and not self._rung.is_set():
            self._clock.advance(seconds)
            # others that wait for the clock get their turn
            await asyncio.sleep(0)
        self._rung.clear()

    def _is_seen(self) -> bool:
        assert self._look is not None
        assert self._seen is not None
        try:
            if not self._look():
                if self._clock.now() < self._end:
                    return False
                raise NotAtRest
        except AssertionError as error:
            self._answer(error)
            return True
        self._answer(None)
        return True

    def _answer(self, error: AssertionError | None) -> None:
        assert self._seen is not None
        self._look = None
        if self._seen.done():
            return
        if error is None:
            self._seen.set_result(None)
        else:
            self._seen.set_exception(error)


def _working() -> bool:
    """The claiming loop names its tasks for kind and row, such as `publish:17`."""
    names = (task.get_name().partition(":") for task in asyncio.all_tasks())
    return any(kind.isalpha() and number.isdigit() for kind, _, number in names)
