"""Shifts in the settings of a brand: who works when, and who gets what comes in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from pydantic import Field

from bot.config.fields import Slug, Table, Zone
from bot.config.goals import WeekSettings
from bot.model.business_hours import BusinessHours
from bot.model.duty import Assignment, DutyPlan


class ShiftHoursSettings(WeekSettings):
    """`[[brands.shifts.hours]]`: when some members work."""

    members: tuple[Slug, ...] = Field(min_length=1)
    zone: Zone | None = None
    """None is the brand's."""


class ShiftSettings(Table):
    """`[brands.shifts]`"""

    assign: Assignment = Assignment.NONE
    """Who gets an item that wants a reply, when its card opens."""
    channels: Mapping[str, Assignment] = Field(default={})
    """The same by the slugs of channels, for what lands there."""
    holidays: tuple[date, ...] = ()
    """Days on which nobody is on shift by plan."""
    hours: tuple[ShiftHoursSettings, ...] = ()

    def plan(self, zone: str) -> DutyPlan:
        """`zone` is the brand's."""
        free = frozenset(self.holidays)
        weeks = {
            member: BusinessHours(one.zone or zone, one.week, free)
            for one in self.hours
            for member in one.members
        }
        return DutyPlan(weeks, self.assign, dict(self.channels))
