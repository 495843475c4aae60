"""Watching: the counts of every brand and account are judged, and what is found sounds the alarm.

    bucket        five minutes                          judged                     learned
    going on      the current one                       on a copy, as often as     no
    open          over, for less than five minutes      one looks                  no
    closed        over for longer                       once more                  yes
    taken         what was counted of it is known to the watch; what comes later is news of the
                  oldest open bucket, for an hour; then it is history

Each brand is watched as a whole, and each of its accounts where it has several, in every stream
(`bot.detection.watch`). What a watch knows stands in a row of its own, which only closing changes,
and the memory of what was said. So a look may be repeated, or made by another process, and finds
the same; that is why it is killed anywhere without harm.

After a start nothing is closed for five minutes: what was published while the desk was away is
still being fetched. What it missed for more than an hour is left out, not taken for silence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.detection.watch import Call, Sensitivity, StreamWatch
from bot.model.event import EventKind, Subject
from bot.model.ids import MINUTE, AccountId, BrandId, Moment
from bot.model.incident import Alert, Severity
from bot.model.oncall import OnCall
from bot.model.signal import BUCKET, KIND_OF, Count, Stream, WatchRule, bucket_of, end_of
from bot.services.alarms import Alarming
from bot.services.heeding import heeded
from bot.services.rising import behind
from bot.store.events import event_row
from bot.store.signals import StoredCount, WatchKey
from bot.store.tx import Tx

OPEN_FOR = 5 * MINUTE
"""Milliseconds that a bucket stays open after its end, and that a desk waits after its start."""
LATE_BUCKETS = 12
FLOORS: Mapping[Stream, int] = {Stream.MENTIONS: 10, Stream.COMPLAINTS: 6, Stream.RISKS: 3}
"""Fewer than these in a window are never worth a word."""


@dataclass(frozen=True, slots=True)
class Look:
    """`awake_since`: when whoever looks began to."""

    awake_since: Moment


@dataclass(slots=True)
class Found:
    """What a look changes: counts that were taken, states of watches, and what is to be said."""

    taken: list[Count] = field(default_factory=list)
    states: dict[WatchKey, Any] = field(default_factory=dict)
    calls: dict[WatchKey, Call] = field(default_factory=dict)
    complaining: frozenset[BrandId] = frozenset()
    """Brands of whose fresh mentions at least half are complaints."""

    @property
    def is_nothing(self) -> bool:
        return not (self.states or self.calls)


class Watching:
    def __init__(self, rule: WatchRule, oncall: OnCall) -> None:
        self._alarming = Alarming(oncall)
        self._rule = rule

    def look(self, tx: Tx, commands: Sequence[Look]) -> list[int]:
        """Judge and learn what there is; how many calls were made."""
        return [self._look(tx, command) for command in commands]

    def news(self, tx: Tx, command: Look) -> tuple[object, ...]:
        """Equal while nothing was counted and no bucket ended: then a look finds the same."""
        now = tx.now()
        closable = bucket_of(now - OPEN_FOR) - 1
        counted = [
            (one.whole.account_id, one.whole.bucket, one.fresh)
            for one in tx.signals.since(closable - 2 * LATE_BUCKETS)
        ]
        return closable, bucket_of(now), now - command.awake_since >= OPEN_FOR, counted

    def is_wanted(self, tx: Tx, command: Look) -> bool:
        """Whether a look would change anything; reads only."""
        return not self._find(tx, command, tx.now()).is_nothing

    def _look(self, tx: Tx, command: Look) -> int:
        now = tx.now()
        found = self._find(tx, command, now)
        tx.signals.take(found.taken)
        tx.signals.keep_watches(list(found.states.items()))
        calls = list(without_echoes(found.calls))
        tx.events.add_many([_event(key, call, now) for key, call in calls])
        self._alarming.sound(tx, [_alert(tx, key, call, found.complaining) for key, call in calls])
        return len(calls)

    def _find(self, tx: Tx, command: Look, now: Moment) -> Found:
        states = tx.signals.watches()
        closable = bucket_of(now - OPEN_FOR) - 1
        last = max((_last_bucket(state) for state in states.values()), default=closable - 1)
        first = max(last + 1, closable - LATE_BUCKETS + 1)
        stored = tx.signals.since(first - LATE_BUCKETS)
        is_awake = now - command.awake_since >= OPEN_FOR
        closing = range(first, closable + 1) if is_awake else range(0)
        opened = range(max(first, closable + 1 if is_awake else first), bucket_of(now) + 1)
        fresh = _by_watch(tx, stored)
        found = Found(complaining=_complaining(fresh))
        knobs = heeded(tx, self._rule, now)
        for key, counts in fresh.items():
            watch = StreamWatch(
                states.get(key),
                sensitivity(knobs.of(key[0], _called(key, found.complaining)), key[2]),
            )
            self._judge(key, watch, counts, closing, opened, found)
        if closing:
            found.taken = [
                one.whole
                for one in stored
                if one.whole.bucket <= closing[-1] and any(one.fresh.values())
            ]
        return found

    def _judge(
        self,
        key: WatchKey,
        watch: StreamWatch,
        counts: Mapping[int, int],
        closing: range,
        opened: range,
        found: Found,
    ) -> None:
        first = closing[0] if closing else opened[0]
        late = sum(many for bucket, many in counts.items() if bucket < first)

        def counted(bucket: int) -> int:
            return counts.get(bucket, 0) + (late if bucket == first else 0)

        call = None
        for bucket in closing:
            call = watch.close(bucket, counted(bucket)) or call
        call = watch.judge([(bucket, counted(bucket)) for bucket in opened]) or call
        if call is not None:
            found.calls[key] = call
        if call is not None or closing:
            found.states[key] = watch.dump()


def _called(key: WatchKey, complaining: frozenset[BrandId]) -> Stream:
    """What a rise is told as: of complaints, whichever of both is found first is one matter."""
    brand_id, _account_id, stream = key
    is_complaining = stream is Stream.MENTIONS and brand_id in complaining
    return Stream.COMPLAINTS if is_complaining else stream


def sensitivity(rule: WatchRule, stream: Stream) -> Sensitivity:
    return Sensitivity(rule.false_pages_a_week, rule.false_notices_a_week, FLOORS[stream])


def _last_bucket(state: Mapping[str, Any]) -> int:
    last: int | None = state["detector"]["last_bucket"]
    return -1 if last is None else last


def _by_watch(tx: Tx, stored: Sequence[StoredCount]) -> dict[WatchKey, dict[int, int]]:
    """What is fresh, for every watch there is to be, by bucket."""
    fresh: dict[WatchKey, dict[int, int]] = {}
    accounts = tx.accounts.all()
    several: dict[BrandId, list[AccountId]] = {}
    for account in accounts:
        if not account.is_practice:
            several.setdefault(account.brand_id, []).append(account.id)
    for brand_id, ids in several.items():
        for account_id in (None, *(ids if len(ids) > 1 else ())):
            for stream in Stream:
                fresh[brand_id, account_id, stream] = {}
    for one in stored:
        whole = one.whole
        if whole.account_id not in several.get(whole.brand_id, ()):
            continue
        for stream, many in one.fresh.items():
            for account_id in (None, whole.account_id):
                counts = fresh.get((whole.brand_id, account_id, stream))
                if counts is not None:
                    counts[whole.bucket] = counts.get(whole.bucket, 0) + many
    return fresh


def without_echoes(calls: Mapping[WatchKey, Call]) -> Iterator[tuple[WatchKey, Call]]:
    """An account's call says nothing that its brand's does not, unless it is the louder one."""
    for (brand_id, account_id, stream), call in calls.items():
        of_brand = None if account_id is None else calls.get((brand_id, None, stream))
        if of_brand is None or (of_brand.loudness, call.loudness) == ("notice", "page"):
            yield (brand_id, account_id, stream), call


def _complaining(fresh: Mapping[WatchKey, Mapping[int, int]]) -> frozenset[BrandId]:
    return frozenset(
        brand_id
        for brand_id, account_id, stream in fresh
        if account_id is None and stream is Stream.MENTIONS
        if 2 * sum(fresh[brand_id, None, Stream.COMPLAINTS].values())
        >= sum(fresh[brand_id, None, stream].values())
        > 0
    )


def _alert(tx: Tx, key: WatchKey, call: Call, complaining: frozenset[BrandId]) -> Alert:
    brand_id, account_id, _ = key
    stream = _called(key, complaining)
    reading = call.reading
    first = reading.bucket + 1 - reading.minutes * MINUTE // BUCKET
    found = behind(tx, brand_id, account_id, stream, range(first, reading.bucket + 1))
    return Alert(
        brand_id,
        KIND_OF[stream],
        stream.value,
        Severity.HIGH if call.loudness == "page" else Severity.NOTICE,
        found.items,
        account_id=account_id,
        count=reading.count,
        expected=round(reading.expected, 1),
        minutes=reading.minutes,
        reach=found.reach,
    )


def _event(key: WatchKey, call: Call, now: Moment) -> dict[str, Any]:
    brand_id, account_id, stream = key
    reading = call.reading
    facts = {
        "loudness": call.loudness,
        "stream": stream.value,
        "account": account_id,
        "score": round(reading.score, 2),
        "minutes": reading.minutes,
        "count": reading.count,
        "expected": round(reading.expected, 1),
        "bucket_ends": end_of(reading.bucket),
    }
    return event_row(EventKind.SURGE_FOUND, brand_id, Subject.BRAND, brand_id, now, facts)
