"""Recalling: what was said before the desk was connected is counted, so that it knows the usual.

    new account, its network can tell     due row `recall`: page after page of the last 30 days is
                                          sorted and counted in its five minutes, and not stored
    its last page                         due row `warm`, in the same transaction
    warm                                  the watches of the brand learn those counts in silence, up
                                          to where they go on by themselves

Without it a detector says nothing in its first hour and little in its first three days. What is
counted here is known to the watches from the beginning: nothing of the past is news. The watch on
a whole brand learns only when all of its accounts were recalled: the usual of some of them would
make the rest look like a rise. One that knows three days already is left as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.detection.surge import COLD_BUCKETS
from bot.detection.watch import learned
from bot.model.account import AccountState
from bot.model.due import NEVER_DEAD, DueRow, Lane, NewDue
from bot.model.ids import DAY, AccountId, BrandId, Moment
from bot.model.network import Cursor, IncomingItem
from bot.model.signal import BUCKET, Count, Stream, bucket_of
from bot.services.past import PAST
from bot.services.tallying import streams_of
from bot.services.triage_rules import Triager
from bot.services.watching import LATE_BUCKETS, OPEN_FOR
from bot.store.signals import WatchKey
from bot.store.tx import Tx

RECALLED = 30 * DAY
"""How far back (milliseconds)."""
MARGIN = 2
"""Buckets that a watch leaves to be closed again, so that it goes on without a hole."""


@dataclass(frozen=True, slots=True)
class Recalled:
    """A page, sorted and counted; where the next one begins, if there is one."""

    row: DueRow
    counts: tuple[Count, ...]
    cursor: Cursor | None
    more: bool


def count_page(
    account_id: AccountId,
    brand_id: BrandId,
    languages: Sequence[str],
    items: Iterable[object],
    between: range,
    triager: Triager,
) -> tuple[Count, ...]:
    """By bucket; `between` are the moments (milliseconds) that count. Our own words do not."""
    counts: dict[int, Counter[Stream]] = {}
    for one in items:
        if isinstance(one, IncomingItem) and not one.by_us and one.published_at in between:
            triage = triager.triage(one.text, languages=languages)
            bucket = bucket_of(one.published_at)
            counts.setdefault(bucket, Counter()).update(streams_of(triage))
    return tuple(
        Count(brand_id, account_id, bucket, {stream: found[stream] for stream in Stream})
        for bucket, found in counts.items()
    )


def keep_page(tx: Tx, commands: Sequence[Recalled]) -> list[bool]:
    """False for one that lost its lease: its successor reads the same page."""
    return [_keep_page(tx, command) for command in commands]


def _keep_page(tx: Tx, command: Recalled) -> bool:
    row, now = command.row, tx.now()
    if not (tx.due.again(row, 0, counts=False) if command.more else tx.due.done(row)):
        return False
    account_id = AccountId(row.arg["account"])
    tx.signals.add_known(command.counts)
    tx.accounts.move(account_id, PAST, command.cursor, Moment(0) if command.more else now)
    if not command.more:
        brand_id = tx.accounts.get(account_id).brand_id
        arg, key = {"brand": brand_id}, f"warm:{brand_id}"
        tx.due.put(NewDue("warm", key, Lane.ANALYTICS, now, arg, None, NEVER_DEAD))
    return True


@dataclass(frozen=True, slots=True)
class Warmed:
    """States of watches, each with the one it was made from."""

    row: DueRow
    states: Mapping[WatchKey, tuple[Any, Any]]


def learn_past(tx: Tx, row: DueRow) -> Warmed:
    """Reads and computes; a tenth of a second or so for a month of one account."""
    brand_id = BrandId(row.arg["brand"])
    closable = bucket_of(tx.now() - OPEN_FOR) - 1
    counts = _counts(tx, brand_id, closable - RECALLED // BUCKET)
    kept = tx.signals.watches()
    watched = tx.accounts.of_brand(brand_id)
    accounts = [one.id for one in watched if one.state is not AccountState.SUSPENDED]
    recalled = {one for one in accounts if tx.accounts.leg(one, PAST)[1]}
    goes_on = max(_last_bucket(kept), closable - LATE_BUCKETS + MARGIN)
    states: dict[WatchKey, tuple[Any, Any]] = {}
    for account_id in (None, *(accounts if len(watched) > 1 else ())):
        among = accounts if account_id is None else [account_id]
        if not among or not recalled.issuperset(among):
            continue
        first = min((bucket for one, bucket in counts if one in among), default=closable)
        for stream in Stream:
            key = (brand_id, account_id, stream)
            before = kept.get(key)
            last = goes_on if before is None else _last(before)
            if last is not None:
                passed = (
                    (bucket, sum(counts.get((one, bucket), {}).get(stream, 0) for one in among))
                    for bucket in range(first, last + 1)
                )
                states[key] = (before, learned(passed, before))
    return Warmed(row, states)


def _last(state: Any) -> int | None:
    """Up to where a watch learns the past; None when it knows enough by itself."""
    detector = state["detector"]
    if detector["closed"] >= COLD_BUCKETS or detector["last_bucket"] is None:
        return None
    return int(detector["last_bucket"])


def _last_bucket(states: Mapping[WatchKey, Any]) -> int:
    """The newest that any watch has closed: the next look begins after it, for all of them."""
    return max((one["detector"]["last_bucket"] or 0 for one in states.values()), default=0)


def _counts(
    tx: Tx, brand_id: BrandId, since: int
) -> dict[tuple[AccountId, int], Mapping[Stream, int]]:
    return {
        (one.whole.account_id, one.whole.bucket): one.whole.by_stream
        for one in tx.signals.since(since)
        if one.whole.brand_id == brand_id
    }


def keep_learned(tx: Tx, commands: Sequence[Warmed]) -> list[None]:
    """Kept unless a watch learned something meanwhile: then it is computed again."""
    for command in commands:
        kept = tx.signals.watches()
        if any(kept.get(key) != before for key, (before, _now) in command.states.items()):
            tx.due.again(command.row, 0, counts=False)
        elif tx.due.done(command.row):
            tx.signals.keep_watches([(key, now) for key, (_was, now) in command.states.items()])
    return [None] * len(commands)
