"""Silence: what should be heard of and is not, and when that is trouble.

    contact   an account that is polled was not read for a quarter of an hour, nor for three times
              its longest pause between two polls
    quiet     it is read, but nothing came for twice as long as ever in its last week
    token     its network takes the token no more
    ending    its token ends within a week, as the team said
    queue     work that is due has been waiting for five minutes
    blind     for an hour no count was judged: rises are not found

Each is one incident of the kind `silence` for as long as it lasts, and is over by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from itertools import pairwise

from bot.model.ids import DAY, HOUR, MINUTE, AccountId, Moment
from bot.model.signal import BUCKET, end_of

UNREAD_FOR = 15 * MINUTE
FETCHES_MISSED = 3
QUIET_TIMES = 2
QUIET_AT_LEAST = HOUR
KNOWN_FOR = 3 * DAY
KNOWN_BUCKETS = 20
"""So many five minutes with something in them, over so long, tell an account's pace."""
WAITS_FOR = 5 * MINUTE
BLIND_FOR = HOUR
ENDS_WITHIN = 7 * DAY
AWAKE_FOR = 10 * MINUTE
"""A desk that was just started has things to catch up with."""


class Silence(StrEnum):
    CONTACT = "contact"
    QUIET = "quiet"
    TOKEN = "token"  # noqa: S105
    ENDING = "ending"
    QUEUE = "queue"
    BLIND = "blind"


def cause_of(silence: Silence, account_id: AccountId | None = None) -> str:
    return f"silence:{silence}:{account_id or 0}"


def silence_of(cause: str) -> Silence:
    """ValueError when it is no silence's."""
    return Silence(cause.split(":")[1])


def longest_pause(buckets: Sequence[int], now: Moment) -> int | None:
    """The usual, when it is too quiet now: milliseconds of the longest pause that there was.

    `buckets` are those of the last week in which something came, oldest first. None when it is not
    too quiet, or too little is known.
    """
    if len(buckets) < KNOWN_BUCKETS or now - end_of(buckets[0]) < KNOWN_FOR:
        return None
    longest = max(later - earlier for earlier, later in pairwise(buckets))
    pause = longest * BUCKET
    silent = now - end_of(buckets[-1])
    return pause if silent > max(QUIET_TIMES * pause, QUIET_AT_LEAST) else None
