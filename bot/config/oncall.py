"""`[oncall]` in the settings: routes, rotations, policies, and at which hours they hold."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from bot.config.fields import Address, Slug, Table, Zone
from bot.model.account import SecretRef
from bot.model.ids import MINUTE
from bot.model.incident import AlertKind, Severity
from bot.model.oncall import (
    Contact,
    EscalationPolicy,
    Hours,
    OnCall,
    Quiet,
    Rotation,
    Route,
    RouteKind,
    Step,
    When,
)

_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def _time(value: str) -> str:
    if not _TIME.fullmatch(value):
        raise ValueError('write a time of the day as "09:00"')
    return value


Time = Annotated[str, AfterValidator(_time)]


def minutes_of(value: str) -> int:
    """Of the day."""
    hours, _, minutes = value.partition(":")
    return int(hours) * 60 + int(minutes)


class PageRouteSettings(Table):
    """`[[oncall.routes]]`: a kind, and the keys that it needs."""

    slug: Slug
    kind: RouteKind
    chat: Literal["", "slack", "telegram"] = ""
    """Of a direct message: in which chat."""
    channel: Annotated[str, Field(max_length=60)] = ""
    """Of a message in a channel: the slug of one in [[brands.channels]]."""
    url: Address = ""
    """Where it is sent; of PagerDuty and Opsgenie the vendor's own when empty."""
    secret: SecretRef | None = None
    """Integration key, API key, bearer token or password."""
    knows_keys: bool = False
    """Of a webhook: whoever answers there tells repeats by `Idempotency-Key`."""
    server: Annotated[str, Field(max_length=255)] = ""
    """Of e-mail: the mail server."""
    port: int = Field(default=587, ge=1, le=65535)
    user: Annotated[str, Field(max_length=255)] = ""
    sender: Annotated[str, Field(max_length=255)] = ""
    """Of e-mail: the address it comes from."""
    security: Literal["starttls", "tls", "none"] = "starttls"

    @property
    def route(self) -> Route:
        return Route(self.slug, self.kind, self.chat, self.channel)


class RotationSettings(Table):
    """`[[oncall.rotations]]`"""

    slug: Slug
    members: tuple[Slug, ...] = Field(min_length=1)
    """Slugs, in the order in which they take turns."""
    starts: date
    """When the first of them begins."""
    hand_over: Time = "09:00"
    days: int = Field(default=7, ge=1, le=366)
    """How long a turn is."""
    zone: Zone = "UTC"

    @property
    def rotation(self) -> Rotation:
        hand_over = minutes_of(self.hand_over)
        return Rotation(self.slug, self.members, self.starts, hand_over, self.days, self.zone)


class StepSettings(Table):
    """`[[oncall.policies.steps]]`"""

    who: tuple[Annotated[str, Field(min_length=1, max_length=80)], ...] = ()
    """Slugs of members, and of rotations after `rotation:`; empty pages the routes alone."""
    routes: tuple[Slug, ...] = Field(min_length=1)
    """Tried in this order until one takes the page."""
    minutes: int = Field(default=5, ge=1, le=1440)
    """How long the next step waits for somebody to acknowledge."""
    hours: When = When.ANY

    @property
    def step(self) -> Step:
        return Step(self.who, self.routes, self.minutes * MINUTE, self.hours)


class EscalationSettings(Table):
    """`[[oncall.policies]]`: the first that takes an incident is followed."""

    slug: Slug
    severities: tuple[Annotated[int, Field(ge=1, le=3)], ...] = (1, 2)
    kinds: tuple[AlertKind, ...] = ()
    """Empty takes all."""
    brands: tuple[Slug, ...] = ()
    """Empty takes all."""
    repeat: int = Field(default=2, ge=0, le=20)
    """How often all steps are gone through again when nobody acknowledges."""
    steps: tuple[StepSettings, ...] = Field(min_length=1)

    @property
    def policy(self) -> EscalationPolicy:
        return EscalationPolicy(
            self.slug,
            tuple(one.step for one in self.steps),
            self.repeat,
            frozenset(map(Severity, self.severities)),
            frozenset(self.kinds),
            frozenset(self.brands),
        )


class BusinessSettings(Table):
    """`[oncall.business]`"""

    days: tuple[Day, ...] = Field(default=("mon", "tue", "wed", "thu", "fri"), min_length=1)
    begins: Time = "09:00"
    ends: Time = "18:00"
    zone: Zone = "UTC"

    @property
    def hours(self) -> Hours:
        days = frozenset(DAYS.index(day) for day in self.days)
        return Hours(minutes_of(self.begins), minutes_of(self.ends), self.zone, days)


class QuietSettings(Table):
    """`[oncall.quiet]`, and of a channel `[brands.channels.quiet]`"""

    begins: Time = "22:00"
    ends: Time = "07:00"
    zone: Zone = "UTC"
    broken_by: int = Field(default=1, ge=1, le=3)
    """The least grave severity that wakes people then."""

    @property
    def quiet(self) -> Quiet:
        hours = Hours(minutes_of(self.begins), minutes_of(self.ends), self.zone)
        return Quiet(hours, Severity(self.broken_by))


class OnCallSettings(Table):
    """`[oncall]`"""

    reach: int = Field(default=0, ge=0, le=1_000_000_000)
    """So many followers of an author are worth a notice; 0: nobody's."""
    heartbeat_url: Address = ""
    """Asked again and again while the desk works; whoever is there misses us."""
    heartbeat_seconds: int = Field(default=60, ge=10, le=3600)
    business: BusinessSettings | None = None
    quiet: QuietSettings | None = None
    routes: tuple[PageRouteSettings, ...] = ()
    rotations: tuple[RotationSettings, ...] = ()
    policies: tuple[EscalationSettings, ...] = ()

    def rules(self, contacts: dict[str, Contact]) -> OnCall:
        """`contacts` by the slug of the member."""
        return OnCall(
            policies=tuple(one.policy for one in self.policies),
            routes={one.slug: one.route for one in self.routes},
            rotations={one.slug: one.rotation for one in self.rotations},
            contacts=contacts,
            business=None if self.business is None else self.business.hours,
            quiet=None if self.quiet is None else self.quiet.quiet,
            reach=self.reach,
        )
