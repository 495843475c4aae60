"""Growing: one matter that several people complain of, before all complaints together are a rise.

The complaints of the last fifteen minutes are put in groups that say the same
(`bot.detection.likeness`). A group is told when it is

    large       6 comments, and 3 more than three times all complaints that are usual then
    of several  3 people or more
    news        no incident that is over has half of it

as a notice, with its own comments. Where those of an open incident say the same, it joins that one.
Nothing is kept here: what was told stands in the incidents, so whoever looks finds the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.detection.likeness import ALIKE, groups, likeness, vector_of
from bot.detection.season import Season
from bot.detection.surge import FIRST_BUCKETS
from bot.model.account import Brand
from bot.model.ids import MINUTE, Moment
from bot.model.incident import Alert, AlertKind, Severity
from bot.model.oncall import OnCall
from bot.model.signal import Stream, bucket_of
from bot.services.alarms import Alarming
from bot.services.tallying import streams_of
from bot.store.rises import Said
from bot.store.tx import Tx

WINDOW = 15 * MINUTE
BUCKETS = 3
LARGE, MORE, TIMES = 6, 3, 3
PEOPLE = 3
SAMPLES = 20
"""First comments of an incident that are looked at."""
MOST = 100
"""Comments that join at once."""


def growing(tx: Tx, now: Moment) -> tuple[Alert, ...]:
    """What is to be told of all brands; reads only."""
    return tuple(alert for brand in tx.accounts.brands() for alert in _of_brand(tx, brand, now))


def _of_brand(tx: Tx, brand: Brand, now: Moment) -> Iterator[Alert]:
    complaints = [
        one
        for one in tx.rises.lately(brand.id, Moment(now - WINDOW))
        if Stream.COMPLAINTS in streams_of(one.triage)
    ]
    if len(complaints) < LARGE:
        return
    usual = _usual(tx, brand, now)
    for places in groups([one.text for one in complaints]):
        found = [complaints[place] for place in places]
        cause = _cause(tx, brand, found) if _is_large(found, usual) else None
        if cause is not None:
            yield Alert(
                brand.id,
                AlertKind.COMPLAINTS,
                cause,
                Severity.NOTICE,
                tuple(one.item_id for one in found[:MOST]),
                count=len(found),
                expected=round(usual, 1),
                minutes=WINDOW // MINUTE,
                reach=max(one.followers for one in found),
            )


def _is_large(found: Sequence[Said], usual: float) -> bool:
    people = {one.author_id for one in found}
    return len(found) >= max(LARGE, TIMES * usual + MORE) and len(people) >= PEOPLE


def _cause(tx: Tx, brand: Brand, found: Sequence[Said]) -> str | None:
    """That of an open incident whose comments say the same, else its own; None: told, and over."""
    first = vector_of(found[0].text)
    for incident in tx.incidents.open_in(brand.id):
        for sample, _triage in tx.rises.said(incident.id)[:SAMPLES]:
            if likeness(first, vector_of(sample.text)) >= ALIKE:
                return incident.cause
    items = [one.item_id for one in found]
    is_told = 2 * len(tx.rises.told(brand.id, items)) >= len(items)
    return None if is_told else f"cluster:{found[0].item_id}"


def _usual(tx: Tx, brand: Brand, now: Moment) -> float:
    """All complaints of a brand in such a window at this hour; 0 where nothing is known yet."""
    state = tx.signals.watches().get((brand.id, None, Stream.COMPLAINTS))
    if state is None or state["detector"]["closed"] < FIRST_BUCKETS:
        return 0.0
    season = Season(state["detector"]["season"])
    last = bucket_of(now)
    return sum(season.expected(bucket) for bucket in range(last - BUCKETS + 1, last + 1))


class Growing:
    def __init__(self, oncall: OnCall) -> None:
        self._alarming = Alarming(oncall)

    def sound(self, tx: Tx, commands: Sequence[tuple[Alert, ...]]) -> list[None]:
        for alerts in commands:
            self._alarming.sound(tx, alerts)
        return [None] * len(commands)
