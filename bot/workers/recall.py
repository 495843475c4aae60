"""Recalling the past of a new account, page by page, and having the watches learn it."""

from __future__ import annotations

import asyncio

from bot.errors import RateLimited
from bot.model.due import DueRow
from bot.model.ids import MINUTE, AccountId, Moment
from bot.model.network import Batch, Cursor
from bot.ports import Clock, Limiter, Recalls
from bot.services.lines import Lines
from bot.services.past import PAST
from bot.services.publishing import put_off
from bot.services.recalling import (
    RECALLED,
    Recalled,
    count_page,
    keep_learned,
    keep_page,
    learn_past,
)
from bot.services.triage_rules import Triager
from bot.store.store import Store

RECALL_SECONDS = 25.0
"""One page in all; shorter than the lease it is read under."""


class RecallTask:
    """A page for each run, within the account's limits; a death in between repeats one page."""

    def __init__(
        self, store: Store, clock: Clock, lines: Lines, limiter: Limiter, triager: Triager
    ) -> None:
        self._store = store
        self._clock = clock
        self._lines = lines
        self._limiter = limiter
        self._triager = triager

    async def __call__(self, row: DueRow) -> None:
        account_id, until = AccountId(row.arg["account"]), int(row.arg["until"])
        line: object = self._lines.of(account_id)
        if not isinstance(line, Recalls):
            await self._store.write(put_off, (row, MINUTE))
            return
        key = f"account:{account_id}"
        wait = await self._limiter.reserve([key])
        if wait:
            await self._store.write(put_off, (row, wait))
            return
        account, at = await self._store.read(
            lambda tx: (tx.accounts.get(account_id), tx.accounts.leg(account_id, PAST)[0])
        )
        brand = await self._store.read(lambda tx: tx.accounts.brand(account.brand_id))
        since = Moment(until - RECALLED)
        page = await self._read(line, key, at, since)
        counts = await asyncio.to_thread(
            count_page,
            account_id,
            brand.id,
            brand.languages,
            page.observations,
            range(since, until),
            self._triager,
        )
        found = Recalled(row, counts, page.cursor, page.more)
        await asyncio.shield(self._store.write(keep_page, found))

    async def _read(self, line: Recalls, key: str, at: Cursor | None, since: Moment) -> Batch:
        try:
            async with asyncio.timeout(RECALL_SECONDS):
                return await line.recall(at, since)
        except RateLimited as error:
            until = error.until if error.until is not None else self._clock.now() + MINUTE
            await self._limiter.close_until(key, Moment(until))
            raise


class WarmTask:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def __call__(self, row: DueRow) -> None:
        # computed where reads are: it takes longer than anybody should hold the writer
        found = await self._store.read(lambda tx: learn_past(tx, row))
        await self._store.write(keep_learned, found)
