"""The due row that counts what people do with the posts of an account.

Apart, so that a start reads no more than it needs before its first webhook.
"""

from __future__ import annotations

from bot.model.due import NEVER_DEAD, Lane, NewDue
from bot.model.ids import MINUTE, AccountId, Moment

LONGEST = 5 * MINUTE
"""Milliseconds between two looks of an account, at most."""


def measure_due(account_id: AccountId, at: Moment) -> NewDue:
    key, arg = measure_key(account_id), {"account": account_id}
    return NewDue("measure", key, Lane.ANALYTICS, at, arg, LONGEST, NEVER_DEAD)


def measure_key(account_id: AccountId) -> str:
    return f"measure:{account_id}"
