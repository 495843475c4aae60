"""Signals: counts of what comes in, apart for what is watched, in buckets of five minutes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.detection.knobs import FALSE_NOTICES_A_WEEK, FALSE_PAGES_A_WEEK
from bot.model.ids import MINUTE, AccountId, BrandId, Moment
from bot.model.incident import AlertKind

BUCKET = 5 * MINUTE
"""Milliseconds."""


class Stream(StrEnum):
    """What is counted apart: everything; complaints and what is negative; legal and safety."""

    MENTIONS = "mentions"
    COMPLAINTS = "complaints"
    RISKS = "risks"


@dataclass(frozen=True, slots=True)
class Count:
    """How much an account got in a bucket, by stream; every stream is named."""

    brand_id: BrandId
    account_id: AccountId
    bucket: int
    by_stream: Mapping[Stream, int]


@dataclass(frozen=True, slots=True)
class WatchRule:
    """How often the team bears to be wrongly woken, or wrongly told, for each stream."""

    false_pages_a_week: float = FALSE_PAGES_A_WEEK
    false_notices_a_week: float = FALSE_NOTICES_A_WEEK
    learns: bool = True
    """Whether what the team says of having been woken moves them."""


KIND_OF: Mapping[Stream, AlertKind] = {
    Stream.MENTIONS: AlertKind.MENTIONS,
    Stream.COMPLAINTS: AlertKind.COMPLAINTS,
    Stream.RISKS: AlertKind.LEGAL,
}
"""What an alert about a rise of it is called."""


def bucket_of(at: int) -> int:
    """The number of the five minutes that a moment lies in."""
    return at // BUCKET


def end_of(bucket: int) -> Moment:
    return Moment((bucket + 1) * BUCKET)
