"""Who is woken, when and how: policies, rotations, hours and routes, as the team set them.

Everything here is pure: who is on call is a function of the configuration, the overrides that
people made, and a moment. Shifts are counted in days of the rotation's own zone, so that a
hand-over at nine is at nine on both sides of a change of the clock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.model.ids import SECOND, Moment
from bot.model.incident import AlertKind, Severity


class RouteKind(StrEnum):
    DIRECT = "direct"
    """A direct message in a chat of the team."""
    CHANNEL = "channel"
    """A message in a channel that mentions the person."""
    PAGERDUTY = "pagerduty"
    OPSGENIE = "opsgenie"
    ALERTMANAGER = "alertmanager"
    WEBHOOK = "webhook"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Route:
    """`chat` is of direct messages and channels, `channel` the slug of a channel."""

    slug: str
    kind: RouteKind
    chat: str = ""
    channel: str = ""

    @property
    def is_chat(self) -> bool:
        return self.kind in {RouteKind.DIRECT, RouteKind.CHANNEL}


class When(StrEnum):
    """At which hours a step is taken."""

    ANY = "any"
    BUSINESS = "business"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Hours:
    """Local minutes of the day, `start` to `end` (over midnight when `end` is smaller).

    `days` are those on which they begin: 0 is Monday.
    """

    start: int
    end: int
    zone: str
    days: frozenset[int] = frozenset(range(7))

    def hold(self, at: Moment) -> bool:
        return self._until(at) is not None

    def end_after(self, at: Moment) -> Moment:
        """When the hours that hold now are over; `at` itself where none do."""
        return self._until(at) or at

    def _until(self, at: Moment) -> Moment | None:
        today = local(at, self.zone).date()
        for day in (today - timedelta(days=1), today):
            ends = day + timedelta(days=1) if self.end <= self.start else day
            since, until = (
                moment_of(day, self.start, self.zone),
                moment_of(ends, self.end, self.zone),
            )
            if day.weekday() in self.days and since <= at < until:
                return until
        return None


@dataclass(frozen=True, slots=True)
class Quiet:
    """`broken_by` is the least grave severity that is told all the same."""

    hours: Hours
    broken_by: Severity = Severity.CRITICAL

    def waits_until(self, severity: Severity, at: Moment) -> Moment:
        """The end of the hours for what does not break them; else `at`."""
        return at if severity <= self.broken_by else self.hours.end_after(at)


@dataclass(frozen=True, slots=True)
class Shift:
    """`member` is a slug."""

    member: str
    since: Moment
    until: Moment


@dataclass(frozen=True, slots=True)
class Override:
    """Somebody else is on call for a while; the newest counts."""

    rotation: str
    member: str
    since: Moment
    until: Moment


@dataclass(frozen=True, slots=True)
class Rotation:
    """`members` (slugs) take turns of `days` days from `starts` on, at `hand_over` o'clock."""

    slug: str
    members: tuple[str, ...]
    starts: date
    hand_over: int
    """Local minutes of the day."""
    days: int
    zone: str

    def planned(self, at: Moment) -> Shift:
        """Whose turn it is by the plan. Before the start it is the first one's."""
        here = local(at, self.zone)
        passed = (here.date() - self.starts).days
        if here.hour * 60 + here.minute < self.hand_over:
            passed -= 1
        turn = passed // self.days
        first = self.starts + timedelta(days=turn * self.days)
        return Shift(
            self.members[turn % len(self.members)],
            moment_of(first, self.hand_over, self.zone),
            moment_of(first + timedelta(days=self.days), self.hand_over, self.zone),
        )

    def on_call(self, at: Moment, overrides: Sequence[Override] = ()) -> Shift:
        """Who is on call; `overrides` in the order in which they were made."""
        mine = [one for one in overrides if one.rotation == self.slug]
        for one in reversed(mine):
            if one.since <= at < one.until:
                return Shift(one.member, one.since, one.until)
        shift = self.planned(at)
        begin = [one.since for one in mine if at < one.since]
        return Shift(shift.member, shift.since, min([shift.until, *begin]))


ROTATION = "rotation:"
"""Before the slug of a rotation where a step names who is paged."""


@dataclass(frozen=True, slots=True)
class Step:
    """`who`: slugs of members, and of rotations after `rotation:`; empty pages the routes alone.

    `routes` are tried in their order until one takes it. `timeout` (milliseconds) is how long the
    next step waits for somebody to acknowledge.
    """

    who: tuple[str, ...]
    routes: tuple[str, ...]
    timeout: int
    hours: When = When.ANY


@dataclass(frozen=True, slots=True)
class EscalationPolicy:
    """The first one that takes an incident is followed. Empty conditions always hold."""

    slug: str
    steps: tuple[Step, ...]
    repeat: int = 0
    """How often all steps are gone through again when nobody acknowledges."""
    severities: frozenset[Severity] = frozenset({Severity.CRITICAL, Severity.HIGH})
    kinds: frozenset[AlertKind] = frozenset()
    brands: frozenset[str] = frozenset()

    def takes(self, brand: str, severity: Severity, kind: AlertKind) -> bool:
        return (
            severity in self.severities
            and (not self.kinds or kind in self.kinds)
            and (not self.brands or brand in self.brands)
        )


@dataclass(frozen=True, slots=True)
class Contact:
    """Of one member, outside the chats."""

    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class OnCall:
    """All of `[oncall]`. Without policies nobody is woken, and only a person opens an incident."""

    policies: tuple[EscalationPolicy, ...] = ()
    routes: Mapping[str, Route] = field(default_factory=dict)
    rotations: Mapping[str, Rotation] = field(default_factory=dict)
    contacts: Mapping[str, Contact] = field(default_factory=dict)
    business: Hours | None = None
    quiet: Quiet | None = None
    reach: int = 0
    """So many followers of an author are worth a notice; 0: nobody's."""

    @property
    def is_on(self) -> bool:
        return bool(self.policies)

    @property
    def chat_routes(self) -> tuple[str, ...]:
        return tuple(slug for slug, route in self.routes.items() if route.is_chat)

    def policy_for(
        self, brand: str, severity: Severity, kind: AlertKind
    ) -> EscalationPolicy | None:
        return next((one for one in self.policies if one.takes(brand, severity, kind)), None)

    def policy(self, slug: str) -> EscalationPolicy | None:
        return next((one for one in self.policies if one.slug == slug), None)

    def applies(self, step: Step, at: Moment) -> bool:
        """Whether a step is taken at this hour."""
        if step.hours is When.ANY or self.business is None:
            return True
        return self.business.hold(at) is (step.hours is When.BUSINESS)

    def waits_until(self, severity: Severity, at: Moment) -> Moment:
        """The end of the quiet hours for what does not break them; else `at`."""
        return at if self.quiet is None else self.quiet.waits_until(severity, at)

    def people(self, step: Step, at: Moment, overrides: Sequence[Override] = ()) -> tuple[str, ...]:
        """Slugs of whom a step pages at a moment, each once, in order."""
        found = []
        for one in step.who:
            rotation = self.rotations.get(one.removeprefix(ROTATION))
            if one.startswith(ROTATION) and rotation is not None:
                found.append(rotation.on_call(at, overrides).member)
            elif not one.startswith(ROTATION):
                found.append(one)
        return tuple(dict.fromkeys(found))


def local(at: Moment, zone: str) -> datetime:
    return datetime.fromtimestamp(at / SECOND, UTC).astimezone(ZoneInfo(zone))


def moment_of(day: date, minutes: int, zone: str) -> Moment:
    """A local time of the day as a moment; one that the clock skips is the moment after it."""
    there = datetime.combine(day, time(minutes // 60, minutes % 60), ZoneInfo(zone))
    return Moment(round(there.timestamp()) * SECOND)
