"""Crisis mode: a state of a brand in which nothing planned leaves and more people must say yes.

    proposed --a person starts it--> on --a person ends it--> over
        '--nobody wanted it--> dropped

A proposal only shows what would be held. While a crisis is on, every planned post of the brand
waits; what still waits when it ends is asked about, one by one, and leaves by nobody's silence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from bot.model.approval import ApprovalPolicy
from bot.model.ids import (
    BrandId,
    ChannelId,
    CrisisId,
    IncidentId,
    MemberId,
    Moment,
    PublicationId,
    UpdateId,
)


class CrisisState(StrEnum):
    PROPOSED = "proposed"
    ON = "on"
    OVER = "over"
    DROPPED = "dropped"


class Level(StrEnum):
    """What approvals ask for while a crisis is on; the strictest first."""

    ONE_MORE = "one-more"
    """One approver more than usual."""
    FOUR_EYES = "four-eyes"
    """Nobody's yes counts for what they wrote themselves."""
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Crisis:
    """`incident_id` is what it is about, where something is. Moments are None until they are."""

    id: CrisisId
    brand_id: BrandId
    state: CrisisState
    level: Level
    reason: str
    proposed_by: MemberId
    proposed_at: Moment
    incident_id: IncidentId | None = None
    lead_id: MemberId | None = None
    started_by: MemberId | None = None
    started_at: Moment | None = None
    ended_by: MemberId | None = None
    ended_at: Moment | None = None
    update_every: int | None = None
    """Milliseconds after which the next update for stakeholders is due."""
    updates_channel_id: ChannelId | None = None
    """Where updates go; None is where the crisis stands."""


@dataclass(frozen=True, slots=True)
class OnItsWay:
    """What entered `sending` and has no outcome yet."""

    publication_id: PublicationId
    account: str
    text: str


class CrisisMoment(StrEnum):
    """A line of a crisis' timeline."""

    PROPOSED = "proposed"
    DROPPED = "dropped"
    STARTED = "started"
    LED = "led"
    ENDED = "ended"
    DECIDED = "decided"
    SCHEDULED = "scheduled"
    UPDATE_DUE = "update_due"
    UPDATED = "updated"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class CrisisEntry:
    """`facts` hold counts, numbers and names of members, never anybody else's words."""

    at: Moment
    what: CrisisMoment
    member_id: MemberId | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def raised(policy: ApprovalPolicy, level: Level) -> ApprovalPolicy:
    match level:
        case Level.ONE_MORE:
            return replace(policy, needed=policy.needed + 1, alone=None)
        case Level.FOUR_EYES:
            return replace(policy, four_eyes=True)
        case Level.SAME:
            return policy


@dataclass(frozen=True, slots=True)
class StakeholderUpdate:
    """Due and not sent yet, or sent; `number` counts those that were, from 1.

    One that was not sent before the next was due, or the crisis was over, is missed.
    """

    id: UpdateId
    crisis_id: CrisisId
    due_at: Moment
    number: int = 0
    text: str = ""
    sent_by: MemberId | None = None
    sent_at: Moment | None = None
    is_missed: bool = False
