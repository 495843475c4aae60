"""The due row of the first day of an account; apart, because every webhook's start reads intake."""

from __future__ import annotations

from bot.model.due import NEVER_DEAD, Lane, NewDue
from bot.model.ids import AccountId, Moment


def first_day_due(account_id: AccountId, now: Moment) -> NewDue:
    arg, key = {"account": account_id}, f"first_day:{account_id}"
    return NewDue("first_day", key, Lane.ANALYTICS, now, arg, None, NEVER_DEAD)
