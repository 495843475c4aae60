"""Heeding: what the team said of having been woken moves the knob.

    not worth waking me     a third fewer for nothing: the page wants a clearer rise
    too late                half as many again for nothing: the page comes sooner
    right to wake me        nothing: the knob stands where it should

Verdicts of the last eight weeks count, each for its own brand and kind of count; those of notices
move the notices. Never further than to a quarter or four times of what the team set
(`bot.detection.knobs.moved`). Nothing is kept but the verdicts themselves, so an old one loses its
weight by itself, and every process reads the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.detection.knobs import moved
from bot.model.ids import DAY, BrandId, Moment
from bot.model.incident import AlertKind, Incident, Severity, Verdict
from bot.model.signal import KIND_OF, Stream, WatchRule
from bot.store.tx import Tx

HEEDED = 56 * DAY
"""Milliseconds for which a verdict counts, from the end of its incident."""


@dataclass(frozen=True, slots=True)
class Heeded:
    """The knobs of every brand; `rule` is what the team set."""

    rule: WatchRule
    said: Mapping[tuple[BrandId, AlertKind, bool, Verdict], int] = field(default_factory=Counter)
    """How often; True for notices."""

    def of(self, brand_id: BrandId, stream: Stream) -> WatchRule:
        kind = KIND_OF[stream]
        return WatchRule(
            self._moved(self.rule.false_pages_a_week, brand_id, kind, is_notice=False),
            self._moved(self.rule.false_notices_a_week, brand_id, kind, is_notice=True),
            self.rule.learns,
        )

    def _moved(self, asked: float, brand_id: BrandId, kind: AlertKind, *, is_notice: bool) -> float:
        late, needless = (
            self.said.get((brand_id, kind, is_notice, verdict), 0)
            for verdict in (Verdict.LATE, Verdict.NEEDLESS)
        )
        return moved(asked, late, needless)


def heeded(tx: Tx, rule: WatchRule, now: Moment) -> Heeded:
    return Heeded(rule, tx.incidents.judged_since(Moment(now - HEEDED)) if rule.learns else {})


def borne(tx: Tx, rule: WatchRule, incident: Incident, now: Moment) -> float | None:
    """Alerts of this incident's kind that are borne a week for nothing; None: it has no knob."""
    stream = next((one for one, kind in KIND_OF.items() if kind is incident.kind), None)
    if stream is None:
        return None
    found = heeded(tx, rule, now).of(incident.brand_id, stream)
    is_notice = incident.severity is Severity.NOTICE
    return found.false_notices_a_week if is_notice else found.false_pages_a_week
