"""Listening to Telegram: by long polling, or by seeing to it that Telegram calls us.

The offset is Telegram's own record of what we have taken: asking with a higher one confirms
everything below. It moves only when all of that is committed. A process that dies in between loses
nothing: the same updates come again, and the desk gives the same presses the same answers.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from telegram import Bot
from telegram.error import TelegramError

from bot.logs import get_logger
from bot.ports import Clock
from bot.speech.speech import LANGUAGES
from handlers.telegram.clerk import After, NotSaved
from handlers.telegram.counter import Counter
from handlers.telegram.failures import explained
from handlers.telegram.line import Myself
from handlers.telegram.orders import registered
from handlers.telegram.updates import ALLOWED, Updates

AT_ONCE = 100
PATIENCE = 3
"""Polls that may fail one after the other before the chat counts as silent."""
PAUSE_SECONDS = 1.0
FAREWELL_SECONDS = 1.5


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where Telegram is to send updates, and what it must say to be believed."""

    url: str
    secret: str


class Afterwards:
    """What is said after an update was taken, so that the next one need not wait for it."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def add(self, after: After) -> None:
        task = asyncio.create_task(_run(after), name="telegram-answer")
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def close(self) -> None:
        """What is being said may be finished, briefly."""
        if self._running:
            _done, left = await asyncio.wait(self._running, timeout=FAREWELL_SECONDS)
            for task in left:
                task.cancel()


async def _run(after: After) -> None:
    await after()


class TelegramListener:
    """Implements `bot.ports.Listens`. Without a `webhook` it polls."""

    def __init__(
        self,
        bot: Bot,
        myself: Myself,
        updates: Updates,
        counter: Counter | None,
        clock: Clock,
        webhook: Webhook | None,
        poll_seconds: int,
    ) -> None:
        self._bot = bot
        self._myself = myself
        self._updates = updates
        self._counter = counter
        self._clock = clock
        self._webhook = webhook
        self._poll_seconds = poll_seconds
        self._taken: set[int] = set()
        self._log = get_logger("telegram")

    async def listen(self, connected: Callable[[], Awaitable[None]]) -> None:
        await self._myself.user()
        try:
            await self._begin()
        except TelegramError as error:
            raise explained(error, self._clock.now()) from error
        await connected()
        afterwards = Afterwards()
        counting = self._start_counting()
        try:
            if self._webhook is None:
                await self._poll(afterwards)
            else:
                await asyncio.Event().wait()
        finally:
            for task in counting:
                task.cancel()
            await afterwards.close()

    def _start_counting(self) -> Sequence[asyncio.Task[None]]:
        if self._counter is None:
            return ()
        return (asyncio.create_task(self._counter.run(), name="telegram-counter"),)

    async def _begin(self) -> None:
        """Polling and a webhook exclude each other; what waits at Telegram is kept either way."""
        if self._webhook is None:
            await self._bot.delete_webhook(drop_pending_updates=False)
        else:
            await self._bot.set_webhook(
                self._webhook.url,
                secret_token=self._webhook.secret,
                allowed_updates=ALLOWED,
                max_connections=20,
                drop_pending_updates=False,
            )
        with contextlib.suppress(TelegramError):
            await self._bot.set_my_commands(registered("en"))
            for language in LANGUAGES:
                await self._bot.set_my_commands(registered(language), language_code=language)

    # Polling

    async def _poll(self, afterwards: Afterwards) -> None:
        offset, failed = 0, 0
        while True:
            try:
                raw = await self._fetch(offset)
            except TelegramError as error:
                failed += 1
                if failed >= PATIENCE:
                    raise explained(error, self._clock.now()) from error
                self._log.info("poll_failed", says=error.message)
                await asyncio.sleep(PAUSE_SECONDS)
                continue
            failed = 0
            offset, is_whole = await self._take(raw, offset, afterwards)
            if not is_whole:
                await asyncio.sleep(PAUSE_SECONDS)

    async def _fetch(self, offset: int) -> Sequence[dict[str, Any]]:
        """Raw, so that one update that the library cannot read does not hide the others."""
        return await self._bot.do_api_request(  # type: ignore[no-any-return]
            # the Bot API does not mind the case, and the library has a method of the other name
            "getupdates",
            api_kwargs={
                "offset": offset,
                "limit": AT_ONCE,
                "timeout": self._poll_seconds,
                "allowed_updates": list(ALLOWED),
            },
            read_timeout=self._poll_seconds + 10,
        )

    async def _take(
        self, raw: Sequence[dict[str, Any]], offset: int, afterwards: Afterwards
    ) -> tuple[int, bool]:
        """The next offset, and whether everything was taken.

        One person's updates are taken in order, those of different people side by side.
        """
        new = [one for one in raw if one["update_id"] not in self._taken]
        lines: dict[int, list[dict[str, Any]]] = {}
        for one in new:
            lines.setdefault(_person(one), []).append(one)
        takings = [self._take_line(line, afterwards) for line in lines.values()]
        await _all(takings)
        ids = [int(one["update_id"]) for one in raw]
        left = [number for number in ids if number not in self._taken]
        offset = min(left) if left else max(ids, default=offset - 1) + 1
        self._taken = {number for number in self._taken if number >= offset}
        return offset, not left

    async def _take_line(self, line: Sequence[dict[str, Any]], afterwards: Afterwards) -> None:
        """Until one of them is not saved: the order of what one person did is kept."""
        for raw in line:
            try:
                after = await self._updates.take(raw)
            except NotSaved:
                return
            self._taken.add(int(raw["update_id"]))
            afterwards.add(after)


async def _all(takings: Sequence[Coroutine[Any, Any, None]]) -> None:
    await asyncio.gather(*takings)


def _person(raw: dict[str, Any]) -> int:
    """Whose update it is; 0 where it says nothing that we can read."""
    for kind in ALLOWED:
        inner = raw.get(kind)
        if isinstance(inner, dict) and isinstance(inner.get("from"), dict):
            number = inner["from"].get("id")
            return number if isinstance(number, int) else 0
    return 0
