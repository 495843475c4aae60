"""Incidents: on-call matters from the first alert to the word that it is over.

    firing --a person acknowledges--> acknowledged --a person resolves--> resolved
       ^                                   |
       '---- it doubled since then --------'

An incident has one cause. While it is not resolved, whatever has the same cause joins it: ten
thousand comments are one incident. What joins wakes nobody again, unless it is graver or, once
somebody acknowledged, as much again as there was then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any

from bot.model.ids import AccountId, BrandId, IncidentId, ItemId, MemberId, Moment


class Severity(IntEnum):
    """The smaller the graver."""

    CRITICAL = 1
    """Somebody may be hurt, or all of the brand is in question: breaks quiet hours."""
    HIGH = 2
    """Somebody must look now."""
    NOTICE = 3
    """Worth a card in the chat; nobody is woken unless a policy says so."""


ROLES_FROM = Severity.CRITICAL
"""The least severity at which people are asked for beside the lead."""


class AlertKind(StrEnum):
    """What an alert is about."""

    SAFETY = "safety"
    """Alleged illness, injury, fire, allergen or harm to a child: one is enough."""
    REACH = "reach"
    """An author whom many follow wrote."""
    MENTIONS = "mentions"
    """More of everything than expected."""
    COMPLAINTS = "complaints"
    LEGAL = "legal"
    VIRAL = "viral"
    """One post that spreads."""
    SILENCE = "silence"
    """What should be heard is not."""
    ESCALATED = "escalated"
    """A member of the team escalated an item."""


@dataclass(frozen=True, slots=True)
class Alert:
    """Something was found. `cause` is equal for what is one matter: at most 80 characters.

    `count` is how many items it is about in all, and `expected` how many there would usually be
    in these `minutes`. `items` are examples, the first seen first. `reach` is how many people
    follow whoever wrote the loudest of them.
    """

    brand_id: BrandId
    kind: AlertKind
    cause: str
    severity: Severity
    items: tuple[ItemId, ...] = ()
    account_id: AccountId | None = None
    count: int = 0
    expected: float | None = None
    minutes: int = 0
    reach: int = 0


class IncidentState(StrEnum):
    FIRING = "firing"
    """Nobody has said yet that they are at it; people are paged, step by step."""
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class IncidentRole(StrEnum):
    """Who does what, so that the lead can lead; the others are asked for from `ROLES_FROM` on."""

    LEAD = "lead"
    COMMS = "comms"
    """Communications: holding statements, updates, what is said to whom."""
    SCRIBE = "scribe"
    """Keeps the time, and writes down what is decided and why."""


class Verdict(StrEnum):
    """What the team says afterwards of having been woken."""

    RIGHT = "right"
    NEEDLESS = "needless"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Incident:
    """`item_id` is the first seen. Moments are None until they are."""

    id: IncidentId
    brand_id: BrandId
    cause: str
    kind: AlertKind
    severity: Severity
    state: IncidentState
    opened_at: Moment
    fired_at: Moment
    """When it last began to fire."""
    count: int
    account_id: AccountId | None = None
    item_id: ItemId | None = None
    expected: float | None = None
    minutes: int = 0
    reach: int = 0
    policy: str = ""
    """Slug of the policy that says who is paged; empty: nobody."""
    step: int = 0
    """The next step of the policy."""
    round: int = 0
    """How often all steps were gone through."""
    turn: int = 0
    """How often a step was fired or a role was told, in all firings."""
    next_at: Moment | None = None
    """When the next step is due, unless somebody acknowledges."""
    silenced_until: Moment | None = None
    rearm_at: int = 0
    """How many items make an acknowledged one fire again."""
    lead_id: MemberId | None = None
    comms_id: MemberId | None = None
    scribe_id: MemberId | None = None
    acknowledged_by: MemberId | None = None
    acknowledged_at: Moment | None = None
    resolved_by: MemberId | None = None
    resolved_at: Moment | None = None
    verdict: Verdict | None = None
    verdict_by: MemberId | None = None

    @property
    def is_open(self) -> bool:
        return self.state is not IncidentState.RESOLVED

    @property
    def takes_roles(self) -> bool:
        return self.severity <= ROLES_FROM

    def in_role(self, role: IncidentRole) -> MemberId | None:
        match role:
            case IncidentRole.LEAD:
                return self.lead_id
            case IncidentRole.COMMS:
                return self.comms_id
            case IncidentRole.SCRIBE:
                return self.scribe_id

    def is_silent(self, at: Moment) -> bool:
        return self.silenced_until is not None and at < self.silenced_until


@dataclass(frozen=True, slots=True)
class Escalation:
    """A member escalated an item; `called` are the names of whom that calls."""

    item_id: ItemId
    incident_id: IncidentId
    member_id: MemberId
    at: Moment
    called: tuple[str, ...] = ()
    reason: str = ""
    is_open: bool = True
    """Its incident is not resolved."""


class Happened(StrEnum):
    """A line of an incident's timeline."""

    OPENED = "opened"
    JOINED = "joined"
    GREW_GRAVER = "grew_graver"
    FIRED_AGAIN = "fired_again"
    STEP = "step"
    NOBODY = "nobody"
    WAITS = "waits"
    EXHAUSTED = "exhausted"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    SENT_AGAIN = "sent_again"
    ACKNOWLEDGED = "acknowledged"
    LED = "led"
    ASSIGNED = "assigned"
    SILENCED = "silenced"
    ESCALATED = "escalated"
    RESOLVED = "resolved"
    JUDGED = "judged"


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """`facts` hold names of members, routes and steps, never anybody else's words."""

    at: Moment
    what: Happened
    member_id: MemberId | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
