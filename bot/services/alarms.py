"""Alarms: what an alert does. It opens an incident, or joins the one of its cause.

    no incident of this cause           one is opened; its card lands, its first step is due now
    a rise, and an open incident has    it joins that one: whatever each of them counts, it is one
    half of its comments or more        matter
    firing                              it joins; who is paged already is not paged for it
    firing, and now graver              the steps begin anew
    acknowledged, twice as many now     fires again: what was looked at then is another matter now
    acknowledged, and now graver        fires again
    resolved                            a new one is opened, unless nothing of it is new

That holds within the transaction of whatever found it, so nothing is found and forgotten. A flood
that has one cause therefore wakes people as often as it doubles, and not once for each comment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from bot.cards.card import CardKind
from bot.model.due import NEVER_DEAD, Lane, NewDue
from bot.model.event import EventKind, Subject
from bot.model.ids import MINUTE, IncidentId, MemberId, Moment
from bot.model.incident import Alert, AlertKind, Happened, Incident, IncidentState, Severity
from bot.model.oncall import OnCall
from bot.model.triage import Risk, Triage
from bot.services.page_due import tell_pages
from bot.services.routing import land_incident
from bot.store.items import WholeItem
from bot.store.store import Store
from bot.store.tx import Tx

_TELLING = (AlertKind.LEGAL, AlertKind.COMPLAINTS, AlertKind.MENTIONS)
EXPECTED_TIMES = 3
"""So many times the usual is worth a notice even while a peak is expected."""


def wakes(oncall: OnCall, triage: Triage, followers: int) -> Iterator[AlertKind]:
    """The alarms that one comment gives by itself."""
    if oncall.is_on and Risk.SAFETY in triage.risks:
        yield AlertKind.SAFETY
    if oncall.is_on and 0 < oncall.reach <= followers:
        yield AlertKind.REACH


class StoredAlarms:
    """Implements `bot.ports.Alarms`."""

    def __init__(self, store: Store, oncall: OnCall) -> None:
        self._store = store
        self._sound = Alarming(oncall).sound_all

    async def sound(self, alerts: Sequence[Alert]) -> None:
        await self._store.write(self._sound, tuple(alerts))


class Alarming:
    def __init__(self, oncall: OnCall) -> None:
        self._oncall = oncall

    def sound_all(self, tx: Tx, commands: Sequence[Sequence[Alert]]) -> list[None]:
        for alerts in commands:
            self.sound(tx, alerts)
        return [None] * len(commands)

    def triaged(self, tx: Tx, found: Iterable[tuple[WholeItem, Triage]]) -> None:
        """One is enough: alleged harm pages, and so does a notice of whom many follow."""
        if not self._oncall.is_on:
            return
        alerts = [alert for whole, triage in found for alert in self._of(whole, triage)]
        self.sound(tx, [one for one in alerts if not is_practice(tx, one)])

    def _of(self, whole: WholeItem, triage: Triage) -> Iterable[Alert]:
        item, followers = whole.item, whole.author.followers or 0
        about = (item.id,)
        kinds = set(wakes(self._oncall, triage, followers))
        if AlertKind.SAFETY in kinds:
            yield Alert(
                item.brand_id, AlertKind.SAFETY, "safety", Severity.CRITICAL, about,
                item.account_id, reach=followers,
            )  # fmt: skip
        if AlertKind.REACH in kinds:
            cause = f"reach:{item.author_id}"
            yield Alert(
                item.brand_id, AlertKind.REACH, cause, Severity.NOTICE, about,
                item.account_id, reach=followers,
            )  # fmt: skip

    def raised(self, tx: Tx, alert: Alert) -> Incident:
        """A person says so: an incident of its own, even where nobody is on call.

        Whoever calls this holds the lock of the item's card, and knows of none that is open.
        """
        now = tx.now()
        begun = tx.incidents.begin(alert, self._policy(tx, alert), now)
        if begun is not None:
            self._open(tx, begun, alert, now)
        found = tx.incidents.open_of(alert.brand_id, alert.cause)
        assert found is not None
        return found

    def sound(self, tx: Tx, alerts: Sequence[Alert]) -> None:
        """In the caller's transaction; alerts of one cause are taken together."""
        if not self._oncall.is_on:
            # whoever pages nobody wants to know all the same that the desk is deaf
            alerts = [one for one in alerts if one.kind is AlertKind.SILENCE]
        joined: dict[tuple[int, str], Alert] = {}
        for alert in alerts:
            key = (alert.brand_id, alert.cause)
            before = joined.get(key)
            joined[key] = alert if before is None else _together(before, alert)
        for alert in sorted(joined.values(), key=_order):
            if not _is_expected(tx, alert, tx.now()):
                self._take(tx, alert, tx.now())

    def _take(self, tx: Tx, alert: Alert, now: Moment) -> None:
        found = tx.incidents.open_of(alert.brand_id, alert.cause) or _of_the_same(tx, alert)
        if found is None and _is_old(tx, alert):
            return
        if found is None:
            begun = tx.incidents.begin(alert, self._policy(tx, alert), now)
            if begun is not None:
                self._open(tx, begun, alert, now)
                return
            found = tx.incidents.open_of(alert.brand_id, alert.cause)
            if found is None:
                return
        self._join(tx, found, alert, now)

    def _policy(self, tx: Tx, alert: Alert) -> str:
        brand = tx.accounts.brand(alert.brand_id).slug
        policy = self._oncall.policy_for(brand, alert.severity, alert.kind)
        return "" if policy is None else policy.slug

    def _open(self, tx: Tx, incident_id: IncidentId, alert: Alert, now: Moment) -> None:
        fresh = tx.incidents.join(incident_id, alert.items, now)
        tx.incidents.note(incident_id, count=max(fresh, alert.count))
        tx.incidents.happened(
            incident_id, Happened.OPENED, now, severity=int(alert.severity), kind=alert.kind.value
        )
        tx.cards.add(alert.brand_id, CardKind.INCIDENT, [incident_id], now)
        opened = tx.incidents.get(incident_id)
        self._fire(tx, opened, now)
        land_incident(tx, opened, now)
        subject = Subject.INCIDENT
        tx.events.add(EventKind.INCIDENT_OPENED, alert.brand_id, subject, incident_id, now)

    def _join(self, tx: Tx, found: Incident, alert: Alert, now: Moment) -> None:
        fresh = tx.incidents.join(found.id, alert.items, now)
        # what was counted says how many; else every item that joins is one more
        count = max(found.count, alert.count) if alert.count else found.count + fresh
        severity = min(found.severity, alert.severity)
        is_graver = severity < found.severity
        is_measured = found.expected is None and alert.expected is not None
        if count == found.count and not (is_graver or is_measured):
            return
        tx.incidents.note(
            found.id, count=count, severity=int(severity), reach=max(found.reach, alert.reach)
        )
        if is_measured:
            tx.incidents.note(found.id, expected=alert.expected, minutes=alert.minutes)
        doubled = found.state is IncidentState.ACKNOWLEDGED and count >= found.rearm_at
        if is_graver or (doubled and not found.is_silent(now)):
            self._raise(tx, found, alert, now, count=count, severity=severity)
        elif is_measured or count.bit_length() != found.count.bit_length():
            tx.incidents.happened(found.id, Happened.JOINED, now, count=count)
            turned(tx, found, now, how="The desk counted again")

    def _raise(
        self, tx: Tx, found: Incident, alert: Alert, now: Moment, *, count: int, severity: Severity
    ) -> None:
        """The steps begin at the first again."""
        if severity < found.severity:
            tx.incidents.happened(found.id, Happened.GREW_GRAVER, now, severity=int(severity))
        if found.state is IncidentState.ACKNOWLEDGED:
            tx.incidents.happened(found.id, Happened.FIRED_AGAIN, now, count=count)
        tx.incidents.note(
            found.id,
            state=IncidentState.FIRING.value,
            fired_at=now,
            policy=self._policy(tx, replace(alert, severity=severity, kind=found.kind)),
            step=0,
            round=0,
        )
        self._fire(tx, tx.incidents.get(found.id), now)
        tell_pages(tx, found.id, now)
        turned(tx, found, now, how="The desk counted again")

    def _fire(self, tx: Tx, incident: Incident, now: Moment) -> None:
        """The first step is due now."""
        if incident.policy:
            tx.incidents.note(incident.id, next_at=now)
            tx.due.put(escalate_due(incident.id, now))


def turned(
    tx: Tx, incident: Incident, now: Moment, *, how: str, by: MemberId | None = None
) -> None:
    tx.cards.turn(CardKind.INCIDENT, incident.id, now, how=how, by=by)
    tx.events.add(
        EventKind.INCIDENT_CHANGED,
        incident.brand_id,
        Subject.INCIDENT,
        incident.id,
        now,
        member_id=by,
        **({} if by is None else {"how": how}),
    )


def escalate_due(incident_id: IncidentId, at: Moment) -> NewDue:
    """The timer of an incident's steps.

    It recurs, so that a wall clock that is set back pulls it in as it does everything that recurs.
    """
    arg = {"incident": incident_id}
    return NewDue(
        "escalate", escalate_key(incident_id), Lane.PAGES, at, arg, 5 * MINUTE, NEVER_DEAD
    )


def escalate_key(incident_id: IncidentId) -> str:
    return f"escalate:{incident_id}"


def _order(alert: Alert) -> tuple[int, int, int, str]:
    """What counts most comes first, and what is part of it joins it; of equals the most telling."""
    telling = _TELLING.index(alert.kind) if alert.kind in _TELLING else 0
    return (alert.brand_id, -len(alert.items), telling, alert.cause)


def _of_the_same(tx: Tx, alert: Alert) -> Incident | None:
    """The open incident that has half of what this rise counts, or more."""
    if not alert.count or not alert.items:
        return None
    most = tx.rises.shared(alert.brand_id, alert.items).most_common(1)
    if not most or 2 * most[0][1] < len(alert.items):
        return None
    found = tx.incidents.locked(most[0][0])
    return found if found.is_open else None


def _is_old(tx: Tx, alert: Alert) -> bool:
    """All of it was in an incident that is over: somebody only edited what they wrote then."""
    if not alert.items or alert.count:
        return False
    known = tx.incidents.earlier(alert.brand_id, alert.cause, alert.items)
    return known.issuperset(alert.items)


def _is_expected(tx: Tx, alert: Alert, now: Moment) -> bool:
    """A notice of more than usual, while the team expects more; three times that much is news."""
    if alert.kind is not AlertKind.MENTIONS or alert.severity is not Severity.NOTICE:
        return False
    if tx.overrides.peak_until(alert.brand_id, now) is None:
        return False
    return alert.expected is None or alert.count < EXPECTED_TIMES * alert.expected


def is_practice(tx: Tx, alert: Alert) -> bool:
    """What a team practises on is nobody's, and wakes nobody."""
    return alert.account_id is not None and tx.accounts.get(alert.account_id).is_practice


def _together(first: Alert, second: Alert) -> Alert:
    return replace(
        first,
        severity=min(first.severity, second.severity),
        items=tuple(dict.fromkeys((*first.items, *second.items))),
        count=max(first.count, second.count),
        reach=max(first.reach, second.reach),
    )
