"""What recurs: sealing the audit, tidying up, and asking networks whether our token still works."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot.model.account import AccountState
from bot.model.due import DueRow
from bot.model.ids import DAY, AccountId
from bot.model.oncall import OnCall
from bot.model.signal import bucket_of
from bot.ports import Clock
from bot.services import practice
from bot.services.lines import Lines
from bot.services.settling_in import Verified, identify
from bot.services.silences import Health, Silencing, troubles
from bot.store.store import Store
from bot.store.tx import Tx

VERIFY_SECONDS = 20.0
KEEP_COMMANDS = 2 * DAY
"""How long (milliseconds) a press is remembered; no chat repeats one that late."""
KEEP_EVENTS = 90 * DAY
"""How long (milliseconds) events are kept, unless `desk.keep_events_days` says otherwise."""
KEEP_SIGNALS = 35 * DAY
"""How long (milliseconds) the counts of five minutes are kept."""
EVENTS_AT_ONCE = 5_000
"""Forgotten in one transaction: nobody waits long behind it."""


class SealTask:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def __call__(self, row: DueRow) -> None:
        await self._store.write(_seal, row)


def _seal(tx: Tx, rows: Sequence[DueRow]) -> list[None]:
    for row in rows:
        if tx.due.done(row):
            tx.audits.seal(tx.now())
    return [None] * len(rows)


class TidyTask:
    def __init__(self, store: Store, clock: Clock, keep_events: int = KEEP_EVENTS) -> None:
        self._store = store
        self._clock = clock
        self._keep_events = keep_events

    async def __call__(self, row: DueRow) -> None:
        before = self._clock.now() - self._keep_events
        while await self._store.write(_forget_events, before):
            pass
        await self._store.write(_tidy, row)


def _forget_events(tx: Tx, moments: Sequence[int]) -> list[bool]:
    """Whether there may be more of them."""
    return [tx.events.forget(before, EVENTS_AT_ONCE) for before in moments]


def _tidy(tx: Tx, rows: Sequence[DueRow]) -> list[None]:
    for row in rows:
        if tx.due.done(row):
            now = tx.now()
            practice.close_old(tx, now)
            tx.sessions.forget_expired(now)
            tx.link_codes.forget_expired(now)
            tx.cards.forget_presses(now - KEEP_COMMANDS)
            tx.signals.forget(bucket_of(now - KEEP_SIGNALS))
    return [None] * len(rows)


class HealthTask:
    """Once a minute: what should be heard of and is not. It knows since when it looks."""

    def __init__(self, store: Store, clock: Clock, oncall: OnCall) -> None:
        self._store = store
        self._clock = clock
        self._awake_since = clock.now()
        self._keep = Silencing(oncall).keep

    async def __call__(self, row: DueRow) -> None:
        now = self._clock.now()
        found = await self._store.read(lambda tx: troubles(tx, now, self._awake_since))
        await self._store.write(self._keep, Health(row, found))


class VerifyTask:
    """Once at start to learn who we are, and while paused to see whether the token was renewed."""

    def __init__(self, store: Store, lines: Lines) -> None:
        self._store = store
        self._lines = lines
        self._verified: set[AccountId] = set()

    async def __call__(self, row: DueRow) -> None:
        account_id = AccountId(row.arg["account"])
        paused = await self._store.read(lambda tx: _is_paused(tx, account_id))
        if paused:
            await self._lines.renew(account_id)
        line = self._lines.of(account_id)
        needed = paused or account_id not in self._verified
        if line is not None and needed:
            async with asyncio.timeout(VERIFY_SECONDS):
                identity = await line.verify()
            await self._store.write(identify, Verified(account_id, identity))
            self._verified.add(account_id)
        await self._store.write(_finish, row)


def _is_paused(tx: Tx, account_id: AccountId) -> bool:
    return tx.accounts.get(account_id).state is AccountState.PAUSED


def _finish(tx: Tx, rows: Sequence[DueRow]) -> list[None]:
    for row in rows:
        tx.due.done(row)
    return [None] * len(rows)
