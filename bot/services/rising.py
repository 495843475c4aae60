"""What is behind a rise: the first comment of it, what most of them say, and who hears them.

An alert counts; a person wants to read. So the comments of the window that was counted join the
incident, the first and the latest of them when there are many, and its card groups them as a
peak does (`bot.model.peak.cluster_of`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.model.ids import AccountId, BrandId, IncidentId, ItemId
from bot.model.incident import AlertKind, Incident
from bot.model.peak import Cluster, Sample, cluster_of
from bot.model.signal import BUCKET, KIND_OF, Stream, bucket_of
from bot.services.tallying import streams_of
from bot.store.tx import Tx

MOST_FIRST, MOST_LATEST = 50, 50
SAMPLES_EACH = 2
MOST_CLUSTERS = 3
CURVE_BUCKETS = 36
"""How much of the counts a card draws: three hours."""
STREAMS: Mapping[AlertKind, Stream] = {kind: stream for stream, kind in KIND_OF.items()}


@dataclass(frozen=True, slots=True)
class Behind:
    """`items` the first seen first; `reach` is of the author whom most follow."""

    items: tuple[ItemId, ...] = ()
    reach: int = 0


def behind(
    tx: Tx, brand_id: BrandId, account_id: AccountId | None, stream: Stream, buckets: range
) -> Behind:
    """The comments that were counted in these buckets; what was told late is left out."""
    found = [
        one
        for one in tx.rises.latest(brand_id)
        if one.published_at >= buckets.start * BUCKET
        and account_id in {None, one.account_id}
        and stream in streams_of(one.triage)
    ]
    found.reverse()
    some = found if len(found) <= MOST_FIRST + MOST_LATEST else None
    some = some or [*found[:MOST_FIRST], *found[-MOST_LATEST:]]
    return Behind(
        tuple(one.item_id for one in some), max((one.followers for one in found), default=0)
    )


def clusters(tx: Tx, incident_id: IncidentId) -> tuple[Cluster, ...]:
    """What its comments say, the most frequent first; nothing where there is but one matter."""
    labels: dict[str, str] = {}
    samples: dict[str, list[Sample]] = {}
    for sample, triage in tx.rises.said(incident_id):
        key, label = cluster_of(triage)
        labels[key] = label
        samples.setdefault(key, []).append(sample)
    sizes = sorted(samples.items(), key=lambda pair: -len(pair[1]))
    if len(sizes) < 2:
        return ()
    return tuple(
        Cluster(key, labels[key], len(said), len(said), tuple(said[:SAMPLES_EACH]))
        for key, said in sizes[:MOST_CLUSTERS]
    )


def curve(tx: Tx, incident: Incident, now: int) -> Sequence[int]:
    """The counts that its alert is about, up to now or to its end; none of what is not counted."""
    stream = STREAMS.get(incident.kind)
    if stream is None or incident.expected is None:
        return ()
    last = bucket_of(incident.resolved_at or now)
    buckets = range(last - CURVE_BUCKETS + 1, last + 1)
    return tx.rises.counts(incident.brand_id, incident.account_id, stream, buckets)
