"""How many rises a day would have told, as a notice or a page.

The watches learn what is usual from the counts of the days before, as they are kept, in silence;
then each five minutes of the day is judged once it is over. Both sides learn the same, and differ
in what their cues make of the comments of the day and in how much the team bears. What the team
said of having been woken, and peaks that it expected, are left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.detection.watch import Call, StreamWatch, learned
from bot.model.ids import DAY, AccountId, BrandId, Moment
from bot.model.signal import Stream, WatchRule, bucket_of
from bot.services.watching import sensitivity, without_echoes
from bot.store.signals import WatchKey
from bot.store.tx import Tx

LEARNED_FROM = 28 * DAY
"""Milliseconds before the day."""


@dataclass(frozen=True, slots=True)
class Past:
    """What each watch of a brand knows when the day begins, and the buckets of the day."""

    brand_id: BrandId
    accounts: Mapping[str, AccountId]
    """By their slugs."""
    known: Mapping[WatchKey, Mapping[str, Any]]
    buckets: range


@dataclass(frozen=True, slots=True)
class Told:
    """A comment as it is counted; `account` is a slug."""

    at: Moment
    account: str
    streams: Sequence[Stream]


@dataclass(frozen=True, slots=True)
class Risen:
    notices: int = 0
    pages: int = 0

    @property
    def total(self) -> int:
        return self.notices + self.pages


def past_of(tx: Tx, brand_id: BrandId, since: Moment, until: Moment) -> Past:
    """Reads only."""
    accounts = {one.slug: one.id for one in tx.accounts.of_brand(brand_id)}
    counts = _watched(brand_id, list(accounts.values()))
    begins = bucket_of(since)
    for one in tx.signals.since(bucket_of(since - LEARNED_FROM)):
        if one.whole.brand_id == brand_id and one.whole.bucket < begins:
            for stream, many in one.whole.by_stream.items():
                _count(counts, (brand_id, one.whole.account_id, stream), one.whole.bucket, many)
    first = min((min(one) for one in counts.values() if one), default=begins)
    known = {
        key: learned(((bucket, of_key[bucket]) for bucket in range(first, begins)), None)
        for key, of_key in counts.items()
    }
    return Past(brand_id, accounts, known, range(begins, bucket_of(until - 1) + 1))


def rises_of(rule: WatchRule, past: Past, told: Iterable[Told]) -> Risen:
    """Rises of one matter are counted each, though on the desk they join one incident."""
    counts = _watched(past.brand_id, list(past.accounts.values()))
    for one in told:
        for stream in one.streams:
            _count(counts, (past.brand_id, past.accounts[one.account], stream), bucket_of(one.at))
    watches = {
        key: StreamWatch(state, sensitivity(rule, key[2])) for key, state in past.known.items()
    }
    calls = (_look(watches, counts, bucket) for bucket in past.buckets)
    loud = Counter(call.loudness for looked in calls for _key, call in without_echoes(looked))
    return Risen(loud["notice"], loud["page"])


def _look(
    watches: Mapping[WatchKey, StreamWatch], counts: Mapping[WatchKey, Counter[int]], bucket: int
) -> dict[WatchKey, Call]:
    calls = {key: watch.close(bucket, counts[key][bucket]) for key, watch in watches.items()}
    return {key: call for key, call in calls.items() if call is not None}


def _watched(brand_id: BrandId, accounts: Sequence[AccountId]) -> dict[WatchKey, Counter[int]]:
    """A brand as a whole, and each of its accounts where it has several."""
    return {
        (brand_id, account_id, stream): Counter()
        for account_id in (None, *(accounts if len(accounts) > 1 else ()))
        for stream in Stream
    }


def _count(
    counts: Mapping[WatchKey, Counter[int]], key: WatchKey, bucket: int, many: int = 1
) -> None:
    for one in _both(key):
        if one in counts:
            counts[one][bucket] += many


def _both(key: WatchKey) -> Iterator[WatchKey]:
    """The account's, and the brand's."""
    brand_id, _account_id, stream = key
    yield key
    yield (brand_id, None, stream)
