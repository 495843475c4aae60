"""Duty: when a member works on the desk, by the plan or because they said so.

People read *shift*; in the code that is a turn on call.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.model.business_hours import BusinessHours
from bot.model.ids import HOUR, BrandId, DutyId, MemberId, Moment

LONGEST = 16 * HOUR
"""Milliseconds after which one that was started by hand, and that nobody ended, is over."""


class Assignment(StrEnum):
    """Who gets an item that wants a reply, when its card opens."""

    NONE = "none"
    """Whoever takes it."""
    ROUND_ROBIN = "round-robin"
    """Of those on duty who may see it, whoever has the fewest open ones."""
    LAST_ANSWERER = "last-answerer"
    """Whoever answered its author last, while they are on duty; else as in a round robin."""


@dataclass(frozen=True, slots=True)
class DutyPlan:
    """Of a brand. `hours` are by the slugs of members, `channels` by those of channels."""

    hours: Mapping[str, BusinessHours] = field(default_factory=dict)
    assignment: Assignment = Assignment.NONE
    channels: Mapping[str, Assignment] = field(default_factory=dict)
    """Where one of these takes an item, it counts instead."""

    def until(self, slug: str, at: Moment) -> Moment | None:
        """When the planned duty that goes on is over; None while there is none."""
        hours = self.hours.get(slug)
        return None if hours is None else hours.until(at)

    def begins(self, slug: str, at: Moment) -> Moment | None:
        """When the next planned duty begins."""
        hours = self.hours.get(slug)
        return None if hours is None else hours.opens(at)

    @property
    def assigns(self) -> bool:
        return {self.assignment, *self.channels.values()} != {Assignment.NONE}


NO_PLAN = DutyPlan()
DutyPlans = Mapping[str, DutyPlan]
"""By the slug of the brand."""


@dataclass(frozen=True, slots=True)
class Duty:
    id: DutyId
    brand_id: BrandId
    member_id: MemberId
    began_at: Moment
    until: Moment
    """When it ends by itself; of one that was ended by hand, until when no plan begins another."""
    ended_at: Moment | None
    is_by_hand: bool
    turn: int
    """Grows with each item that was assigned to whoever is on duty."""

    @property
    def is_on(self) -> bool:
        return self.ended_at is None
