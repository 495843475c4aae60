"""Senders that prove nothing: a forged signature, an old one, a wrong secret.

They are refused at the door, counted and logged there. That it happens is audited as well, and no
stranger can fill the audit by sending on: a row an hour for each door in each process, however
many come.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from bot.errors import StoreError
from bot.model.event import Subject
from bot.model.ids import AccountId, BrandId
from bot.store.store import Store
from bot.store.tx import Tx

EVERY_SECONDS = 3600.0
WITHIN_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class UnprovedSender:
    """At the hook of an account, or at the door of a chat."""

    account: AccountId | None = None
    chat: str = ""


class Unproved:
    def __init__(self, store: Store, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._monotonic = monotonic
        self._quiet_until: dict[UnprovedSender, float] = {}

    async def at_hook(self, account: AccountId) -> None:
        await self._write_down(UnprovedSender(account=account))

    async def at_chat(self, chat: str) -> None:
        await self._write_down(UnprovedSender(chat=chat))

    async def _write_down(self, sender: UnprovedSender) -> None:
        now = self._monotonic()
        if now < self._quiet_until.get(sender, 0.0):
            return
        self._quiet_until[sender] = now + EVERY_SECONDS
        # refused is refused; what cannot be written down now is with the next one of the hour
        with suppress(StoreError):
            await self._store.write(write_down, sender, timeout=WITHIN_SECONDS)


def write_down(tx: Tx, senders: Sequence[UnprovedSender]) -> list[None]:
    for sender in senders:
        if sender.account is not None:
            brand_id = tx.accounts.get(sender.account).brand_id
            _audit(tx, brand_id, Subject.ACCOUNT, sender.account, "")
            continue
        brands = tx.accounts.brands()
        if brands:
            _audit(tx, brands[0].id, Subject.BRAND, brands[0].id, sender.chat)
    return [None] * len(senders)


def _audit(tx: Tx, brand_id: BrandId, subject: Subject, number: int, chat: str) -> None:
    tx.audits.add(brand_id, "sender_not_proved", subject, number, tx.now(), chat=chat)
