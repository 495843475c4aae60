"""The first webhook of an account that was connected in the console: the page says that it came."""

from __future__ import annotations

from bot.model.event import EventKind, Subject
from bot.model.ids import AccountId, Moment
from bot.store.tx import Tx


def begin(tx: Tx, account_id: AccountId, at: Moment) -> None:
    """Nothing is told twice, whichever process took the first one."""
    if tx.joined.hooked(account_id, at):
        brand_id = tx.accounts.get(account_id).brand_id
        tx.events.add(EventKind.ACCOUNT_CHANGED, brand_id, Subject.ACCOUNT, account_id, at)
