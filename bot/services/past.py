"""Whether the past of an account is to be counted, and the due row that does it.

Apart from `bot.services.recalling`, which sorts and counts, because every start asks this before
its first webhook.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.model.due import NEVER_DEAD, Lane, NewDue
from bot.model.ids import AccountId, Moment
from bot.model.network import Leg
from bot.model.signal import BUCKET, bucket_of
from bot.services.intake import FRESH
from bot.store.tx import Tx

PAST = Leg("past")
"""Where recalling stands, beside the legs of the network; over when it says so."""


def recall_due(account_id: AccountId, now: Moment) -> NewDue:
    """What is younger than an hour comes with the first fetch, as news."""
    until = bucket_of(now - FRESH) * BUCKET
    arg = {"account": account_id, "until": until}
    return NewDue("recall", recall_key(account_id), Lane.ANALYTICS, now, arg, None, NEVER_DEAD)


def recall_key(account_id: AccountId) -> str:
    return f"recall:{account_id}"


def is_new(tx: Tx, account_id: AccountId, legs: Iterable[Leg]) -> bool:
    """Whether nothing was ever fetched of it: what was, is counted already."""
    return not any(tx.accounts.leg(account_id, leg)[1] for leg in (*legs, PAST))
