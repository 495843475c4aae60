"""Tallying: what is sorted for the first time is counted, in the five minutes it was published in.

One row for each account and bucket of a batch. Who watches the counts is `bot.services.watching`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from bot.model.ids import AccountId, BrandId, Moment
from bot.model.item import Item, ItemState
from bot.model.signal import Count, Stream, bucket_of
from bot.model.triage import Intent, Risk, Sentiment, Triage
from bot.store.tx import Tx

_RISKS = frozenset({Risk.SAFETY, Risk.LEGAL})


def tally(tx: Tx, found: Iterable[tuple[Item, Triage]], now: Moment) -> None:
    """`found` as they stood before they were sorted; an edited item is not counted again."""
    counts: dict[tuple[BrandId, AccountId, int], Counter[Stream]] = {}
    for item, triage in found:
        if item.state is ItemState.NEW:
            # a network's clock may be ahead of ours
            bucket = bucket_of(min(item.published_at, now))
            key = (item.brand_id, item.account_id, bucket)
            counts.setdefault(key, Counter()).update(streams_of(triage))
    tx.signals.add(
        [
            Count(*key, {stream: of_key[stream] for stream in Stream})
            for key, of_key in counts.items()
        ]
    )


def streams_of(triage: Triage) -> list[Stream]:
    streams = [Stream.MENTIONS]
    if triage.sentiment is Sentiment.NEGATIVE or Intent.COMPLAINT in triage.intents:
        streams.append(Stream.COMPLAINTS)
    if not _RISKS.isdisjoint(triage.risks):
        streams.append(Stream.RISKS)
    return streams
