"""Tells in the thread under a card what happened to its item: one message for a burst of it.

nothing on its way   what is new in one message, after everything else that the channel gets
a key on its way     somebody died here, or an answer was lost: look for it; told again only
                     when it is proved that it did not arrive
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass

from bot.cards.posting import Telling
from bot.errors import (
    AuthenticationFailed,
    CannotTell,
    ConnectorError,
    PermissionMissing,
    RateLimited,
    Rejected,
    TargetGone,
    Unavailable,
)
from bot.model.channel import ChatAbilities, ChatAct
from bot.model.due import DueRow
from bot.model.ids import SECOND, CardRefId, Moment, Monotonic
from bot.ports import ChatFrontend, Clock, Limiter, Threads
from bot.services import telling
from bot.services.publishing import backoff, put_off
from bot.services.telling import Begin, Ended, News
from bot.store.card_threads import CardThread
from bot.store.store import Store
from bot.workers.card import AWAY, ChatTiming, keys_of


@dataclass(frozen=True, slots=True)
class _Line:
    """One card's thread with the chat that it is in."""

    row: DueRow
    news: News
    abilities: ChatAbilities
    threads: Threads


class ThreadTask:
    def __init__(
        self,
        store: Store,
        clock: Clock,
        limiter: Limiter,
        frontends: Mapping[str, ChatFrontend],
        timing: ChatTiming,
    ) -> None:
        self._store = store
        self._clock = clock
        self._limiter = limiter
        self._frontends = frontends
        self._timing = timing

    async def __call__(self, row: DueRow) -> None:
        news = await self._store.ask(telling.news, CardRefId(row.arg["ref"]))
        line = None if news is None else self._line(row, news)
        if news is None or line is None:
            is_away = news is not None and news.channel.chat not in self._frontends
            await self._store.write(put_off, (row, AWAY if is_away else None))
        elif news.thread.key is not None:
            await self._find(line)
        elif not news.lines:
            await self._store.write(telling.nothing_to_tell, (row, news))
        elif not await self._must_wait(line):
            await self._tell(line)

    def _line(self, row: DueRow, news: News) -> _Line | None:
        """None where the chat is not connected, or has no threads."""
        frontend = self._frontends.get(news.channel.chat)
        threads: object = frontend
        if frontend is None or not isinstance(threads, Threads):
            return None
        return _Line(row, news, frontend.abilities, threads)

    async def _tell(self, line: _Line) -> None:
        news, began = line.news, self._clock.monotonic()
        lasts = int((self._timing.begin_within + self._timing.answer_within) * SECOND)
        begin = Begin(line.row, news, self._timing.lease, lasts)
        thread = await self._store.write(telling.begin, begin)
        if thread is None or thread.key is None or news.ref.message is None:
            return
        said = Telling(thread.key, news.lines, news.more, news.speech)
        deadline = Monotonic(began + self._timing.begin_within)
        try:
            async with asyncio.timeout(self._timing.answer_within):
                await line.threads.tell(news.channel.place, news.ref.message, said, deadline)
        except (ConnectorError, TimeoutError) as error:
            await self._not_told(line, thread, error)
            return
        await asyncio.shield(self._end(line, thread, is_told=True))

    async def _not_told(
        self, line: _Line, thread: CardThread, error: ConnectorError | TimeoutError
    ) -> None:
        match error:
            case RateLimited():
                wait = await self._close(line, error)
                await self._end(line, thread, is_told=False, wait=wait, counts=False)
            case Unavailable() | AuthenticationFailed() | PermissionMissing():
                wait = backoff(line.row.attempt, random.random())
                await self._end(line, thread, is_told=False, wait=wait, says=str(error))
            case Rejected() | TargetGone():
                # the thread is closed, or its card is gone: the card's own redraw says so
                await self._end(line, thread, is_told=True)
            case _:
                # It may stand there: the next claim looks.
                await asyncio.shield(self._store.write(put_off, (line.row, SECOND // 2)))

    async def _find(self, line: _Line) -> None:
        news, thread = line.news, line.news.thread
        assert thread.key is not None
        assert news.ref.message is not None
        settle = int(line.abilities.settle_seconds * SECOND)
        to_proof = thread.posting_until + settle - self._clock.now()
        try:
            async with asyncio.timeout(self._timing.answer_within):
                stands = await line.threads.is_told(
                    news.channel.place, news.ref.message, thread.key, thread.posting_since
                )
        except (CannotTell, Rejected, PermissionMissing, TargetGone):
            await self._end(line, thread, is_told=True)
            return
        except (ConnectorError, TimeoutError):
            await self._later(line, backoff(line.row.attempt, random.random()))
            return
        if stands or to_proof <= 0:
            await self._end(line, thread, is_told=stands)
        else:
            await self._later(line, min(2 * SECOND, to_proof + SECOND // 20))

    async def _end(
        self,
        line: _Line,
        thread: CardThread,
        *,
        is_told: bool,
        wait: int = 0,
        says: str = "",
        counts: bool = True,
    ) -> None:
        ended = Ended(line.row, line.news.ref, thread, is_told, wait, says, counts)
        await self._store.write(telling.ended, ended)

    async def _must_wait(self, line: _Line) -> bool:
        """Behind cards: it counts against their limit too, and has a small one of its own."""
        wait = await self._limiter.reserve(_limits(line))
        if wait:
            await self._later(line, wait)
        return bool(wait)

    async def _close(self, line: _Line, error: RateLimited) -> int:
        now = self._clock.now()
        until = Moment(error.until if error.until is not None else now + 30 * SECOND)
        await self._limiter.close_until(_limits(line)[0], until)
        return max(SECOND, until - now)

    async def _later(self, line: _Line, wait: int) -> None:
        await self._store.write(put_off, (line.row, wait))


def _limits(line: _Line) -> tuple[str, ...]:
    chat, place = line.news.channel.chat, line.news.channel.place
    own = keys_of(chat, place, ChatAct.THREAD)
    return own[0], own[1], *keys_of(chat, place, ChatAct.POST)
