"""What becomes of a row whose task failed: the class of the error is the policy.

RateLimited            due again exactly then; the attempt is given back
AuthenticationFailed   the account is paused; due again in a minute, attempt given back
other failures         due again after a back-off; a row that used up its tries is a dead
                       letter, shown to the team with Retry and Discard
recurring rows         never die; after a few failures in a row the account says so
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from bot.errors import AuthenticationFailed, RateLimited, ReplydeskError
from bot.model.due import DueRow
from bot.model.event import EventKind, Subject
from bot.model.ids import MINUTE, SECOND, AccountId, Moment
from bot.ports import Clock
from bot.services.inventory import brand_of_work
from bot.services.publishing import backoff, pause_account
from bot.store.store import Store
from bot.store.tx import Tx

NOTICED_AFTER = 3
"""Failures in a row of a recurring row before the account shows trouble."""


@dataclass(frozen=True, slots=True)
class Failed:
    row: DueRow
    error: Exception

    @property
    def says(self) -> str:
        """A sentence; an error that is not ours only names its class."""
        if isinstance(self.error, ReplydeskError):
            return str(self.error)
        return f"An unexpected fault of the desk ({type(self.error).__name__}); it is in the log."


class Failing:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def record(self, failed: Failed) -> None:
        await self._store.write(self._record, failed)

    async def postpone(self, row: DueRow) -> None:
        """An unknown kind waits a minute without losing a try."""
        await self._store.write(_postpone, row)

    def _record(self, tx: Tx, commands: Sequence[Failed]) -> list[None]:
        for failed in commands:
            _record_one(tx, failed, self._clock.now())
        return [None] * len(commands)


def _postpone(tx: Tx, rows: Sequence[DueRow]) -> list[None]:
    for row in rows:
        tx.due.again(row, MINUTE, counts=False)
    return [None] * len(rows)


def _record_one(tx: Tx, failed: Failed, now: Moment) -> None:
    row, error = failed.row, failed.error
    account_id = row.arg.get("account")
    match error:
        case RateLimited(until=until):
            wait = MINUTE if until is None else max(SECOND, until - now)
            tx.due.again(row, wait, error=failed.says, counts=False)
        case AuthenticationFailed() if account_id is not None:
            if tx.due.again(row, MINUTE, error=failed.says, counts=False):
                pause_account(tx, AccountId(account_id), failed.says, now)
        case _ if row.every is not None or row.attempt < row.max_attempts:
            wait = backoff(row.attempt, random.random())
            alive = tx.due.again(row, wait, error=failed.says)
            if alive and row.attempt >= NOTICED_AFTER and account_id is not None:
                _notice(tx, AccountId(account_id), failed.says, now)
        case _:
            _bury(tx, failed, now)


def _notice(tx: Tx, account_id: AccountId, says: str, now: Moment) -> None:
    if tx.accounts.set_trouble(account_id, says):
        brand_id = tx.accounts.get(account_id).brand_id
        tx.events.add(EventKind.ACCOUNT_CHANGED, brand_id, Subject.ACCOUNT, account_id, now)


def _bury(tx: Tx, failed: Failed, now: Moment) -> None:
    if tx.due.bury(failed.row, failed.says):
        owner = brand_of_work(tx, failed.row.arg)
        told = [owner] if owner is not None else [brand.id for brand in tx.accounts.brands()[:1]]
        for brand_id in told:
            tx.events.add(
                EventKind.WORK_DEAD_LETTERED,
                brand_id,
                Subject.DUE,
                failed.row.id,
                now,
                work=failed.row.kind,
            )
