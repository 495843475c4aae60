"""The first day of an account: its backlog is sorted outside of any transaction, then told."""

from __future__ import annotations

import asyncio

from bot.model.due import DueRow
from bot.model.ids import SECOND, AccountId, ItemId
from bot.model.item import ItemState
from bot.model.triage import Triage
from bot.services.first_day import Backlog, FirstDay, backlog, is_synced, tell
from bot.services.lines import Lines
from bot.services.publishing import put_off
from bot.services.triage_rules import Triager
from bot.store.store import Store

LATER = 10 * SECOND
"""Milliseconds until the other legs are looked for again."""


class FirstDayTask:
    def __init__(self, store: Store, lines: Lines, triager: Triager) -> None:
        self._store = store
        self._lines = lines
        self._triager = triager

    async def __call__(self, row: DueRow) -> None:
        account_id = AccountId(row.arg["account"])
        line = self._lines.of(account_id)
        if line is not None and line.capabilities.is_played:
            await self._store.write(put_off, (row, None))
            return
        legs = None if line is None else line.capabilities.legs
        if legs is None or not await self._store.read(lambda tx: is_synced(tx, account_id, legs)):
            await self._store.write(put_off, (row, LATER))
            return
        found = await self._store.read(lambda tx: backlog(tx, account_id))
        triages = await asyncio.to_thread(self._sorted, found)
        await self._store.write(tell, FirstDay(row, found.items, triages))

    def _sorted(self, found: Backlog) -> dict[ItemId, Triage]:
        silent = (one for one in found.items if one.state is ItemState.MUTED)
        return {one.id: self._triager.triage(one.text, languages=found.languages) for one in silent}
