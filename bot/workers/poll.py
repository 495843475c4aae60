"""Polling: one row per account and leg, whose lease is the election of its only poller.

Cursor and items commit together, so a crash in between only reads the page again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot.errors import RateLimited
from bot.faults import FaultPoint, reach
from bot.model.account import AccountState
from bot.model.due import DueRow
from bot.model.ids import DAY, MINUTE, SECOND, AccountId, Moment, RemoteId
from bot.model.network import Batch, Cursor, Leg, Watch
from bot.ports import Clock, Connector, Limiter, Streams
from bot.services.intake import Delivery, Fetched, take
from bot.services.lines import Lines
from bot.services.publishing import put_off
from bot.store.store import Store
from bot.store.tx import Tx

FETCH_SECONDS = 25.0
"""One fetch in all; shorter than the lease it runs under."""

WATCHED = 25
PAST = 30 * DAY
"""What a first fetch looks for (milliseconds): the desk tells how these days went."""
"""Threads that a fetch looks into again."""


class PollTask:
    def __init__(self, store: Store, clock: Clock, lines: Lines, limiter: Limiter) -> None:
        self._store = store
        self._clock = clock
        self._lines = lines
        self._limiter = limiter

    async def __call__(self, row: DueRow) -> None:
        account_id, leg = AccountId(row.arg["account"]), Leg(row.arg["leg"])
        line = self._lines.of(account_id)
        asleep = await self._store.read(lambda tx: sleeps(tx, account_id))
        if line is None or asleep:
            await self._store.write(put_off, (row, MINUTE))
            return
        key = f"account:{account_id}"
        wait = await self._limiter.reserve([key])
        if wait:
            await self._store.write(put_off, (row, wait))
            return
        cursor, watch = await self._store.read(
            lambda tx: _aim(tx, account_id, leg, self._clock.now())
        )
        batch = await self._fetch(line, key, leg, cursor, watch)
        reach(FaultPoint.POLL_PAGE)
        fetched = Fetched(leg, batch.cursor, batch.more, row)
        delivery = Delivery(account_id, batch.observations, fetched)
        await asyncio.shield(self._store.write(take, delivery))

    async def _fetch(
        self, line: Connector, key: str, leg: Leg, cursor: Cursor | None, watch: Watch
    ) -> Batch:
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                return await line.fetch(leg, cursor, watch)
        except RateLimited as error:
            until = error.until if error.until is not None else self._clock.now() + MINUTE
            await self._limiter.close_until(key, Moment(until))
            raise


class StreamTask:
    """A connection that stays open: its row's lease is renewed while it lives.

    A stream never moves a cursor; connecting makes the polls due now, which fills the gap.
    """

    def __init__(self, store: Store, clock: Clock, lines: Lines) -> None:
        self._store = store
        self._clock = clock
        self._lines = lines

    async def __call__(self, row: DueRow) -> None:
        account_id = AccountId(row.arg["account"])
        line: object = self._lines.of(account_id)
        asleep = await self._store.read(lambda tx: sleeps(tx, account_id))
        if not isinstance(line, Streams) or asleep:
            await self._store.write(put_off, (row, MINUTE))
            return
        _cursor, watch = await self._store.read(
            lambda tx: _aim(tx, account_id, Leg("stream"), self._clock.now())
        )
        await self._store.write(_poll_now, account_id)
        async for batch in line.stream(watch):
            await self._store.write(take, Delivery(account_id, batch.observations))
        await self._store.write(put_off, (row, 5 * SECOND))


def sleeps(tx: Tx, account_id: AccountId) -> bool:
    """Whether an account is neither read nor written."""
    state = tx.accounts.get(account_id).state
    return state in {AccountState.PAUSED, AccountState.SUSPENDED}


def _aim(tx: Tx, account_id: AccountId, leg: Leg, now: Moment) -> tuple[Cursor | None, Watch]:
    """Where the leg stands and what else to look at."""
    cursor, _fetched_before = tx.accounts.leg(account_id, leg)
    posts = tx.publications.own_posts(account_id)
    threads = tx.items.watched_threads(account_id)
    watched: dict[RemoteId, None] = dict.fromkeys([*posts, *threads])
    keywords = tx.accounts.keywords(tx.accounts.get(account_id).brand_id)
    return cursor, Watch(tuple(watched)[:WATCHED], keywords, Moment(now - PAST))


def _poll_now(tx: Tx, accounts: Sequence[AccountId]) -> list[None]:
    for account_id in accounts:
        tx.due.hurry_like(f"poll:{account_id}:", tx.now())
    return [None] * len(accounts)
