"""Asking networks what people did with posts, a few at a time and as often as it tells more."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from bot.errors import RateLimited
from bot.model.due import DueRow
from bot.model.engagement import Reactions
from bot.model.ids import MINUTE, AccountId, Moment, RemoteId
from bot.model.oncall import OnCall
from bot.ports import Clock, Limiter, Measures
from bot.services.lines import Lines
from bot.services.measuring import Measured, Measuring, due_posts
from bot.services.publishing import put_off
from bot.store.store import Store
from bot.workers.poll import sleeps

MEASURE_SECONDS = 20.0
"""One look in all; shorter than the lease it runs under."""


class MeasureTask:
    def __init__(
        self, store: Store, clock: Clock, lines: Lines, limiter: Limiter, oncall: OnCall
    ) -> None:
        self._store = store
        self._clock = clock
        self._lines = lines
        self._limiter = limiter
        self._keep = Measuring(oncall).keep

    async def __call__(self, row: DueRow) -> None:
        account_id = AccountId(row.arg["account"])
        line: object = self._lines.of(account_id)
        asleep = await self._store.read(lambda tx: sleeps(tx, account_id))
        if not isinstance(line, Measures) or asleep:
            await self._store.write(put_off, (row, 5 * MINUTE))
            return
        now = self._clock.now()
        posts = await self._store.read(lambda tx: due_posts(tx, account_id, now))
        found: Mapping[RemoteId, Reactions] = {}
        if posts:
            key = f"account:{account_id}"
            wait = await self._limiter.reserve([key])
            if wait:
                await self._store.write(put_off, (row, wait))
                return
            found = await self._measure(line, key, posts)
        await self._store.write(self._keep, Measured(row, account_id, tuple(posts), found))

    async def _measure(
        self, line: Measures, key: str, posts: Sequence[RemoteId]
    ) -> Mapping[RemoteId, Reactions]:
        try:
            async with asyncio.timeout(MEASURE_SECONDS):
                return await line.measure(posts)
        except RateLimited as error:
            until = error.until if error.until is not None else self._clock.now() + MINUTE
            await self._limiter.close_until(key, Moment(until))
            raise
