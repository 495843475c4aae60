"""Reply goals in the settings of a brand: when the team works, and by when a reply is due."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field

from bot.config.fields import Slug, Table, Zone
from bot.model.business_hours import ALWAYS, BusinessHours, Opening
from bot.model.goals import GoalPolicy, ReplyGoal
from bot.model.ids import MINUTE
from bot.model.item import ItemKind
from bot.model.triage import Urgency

MOST_MINUTES = 28 * 24 * 60
_TIME = r"([01]\d|2[0-3]|24):([0-5]\d)"
_OPENING = re.compile(f"{_TIME}-{_TIME}")


def _opening(value: str) -> str:
    match = _OPENING.fullmatch(value)
    if match is None:
        raise ValueError("write opening and closing time, for example 09:00-18:00.")
    if not _minutes(match, 1) < _minutes(match, 3) <= 24 * 60:
        raise ValueError("it closes before it opens; 24:00 is the end of a day.")
    return value


def _minutes(match: re.Match[str], group: int) -> int:
    return int(match[group]) * 60 + int(match[group + 1])


Times = Annotated[str, AfterValidator(_opening)]
Minutes = Annotated[int, Field(ge=0, le=MOST_MINUTES)]


class WeekSettings(Table):
    """`[brands.goals.hours]`: for each day when the team works, empty is not at all."""

    mon: tuple[Times, ...] = ()
    tue: tuple[Times, ...] = ()
    wed: tuple[Times, ...] = ()
    thu: tuple[Times, ...] = ()
    fri: tuple[Times, ...] = ()
    sat: tuple[Times, ...] = ()
    sun: tuple[Times, ...] = ()

    @property
    def week(self) -> tuple[tuple[Opening, ...], ...]:
        days = (self.mon, self.tue, self.wed, self.thu, self.fri, self.sat, self.sun)
        return tuple(tuple(sorted(map(_opened, day))) for day in days)


def _opened(times: str) -> Opening:
    match = _OPENING.fullmatch(times)
    assert match is not None
    return Opening(_minutes(match, 1), _minutes(match, 3))


class GoalRuleSettings(Table):
    """`[[brands.goals.rules]]`: all conditions must hold, an empty one always does."""

    accounts: tuple[Slug, ...] = ()
    kinds: tuple[ItemKind, ...] = ()
    urgencies: tuple[Urgency, ...] = ()
    first_reply_minutes: Minutes
    """Of business hours; 0 is no goal."""
    next_reply_minutes: Minutes

    @property
    def goal(self) -> ReplyGoal:
        return ReplyGoal(
            self.first_reply_minutes * MINUTE,
            self.next_reply_minutes * MINUTE,
            frozenset(self.accounts),
            frozenset(self.kinds),
            frozenset(self.urgencies),
        )


class GoalSettings(Table):
    """`[brands.goals]`"""

    first_reply_minutes: Minutes = 0
    """Of business hours, for what no rule is for; 0 is no goal."""
    next_reply_minutes: Minutes = 0
    """For whoever writes again, and what was reopened."""
    hours: WeekSettings | None = None
    """None is always."""
    zone: Zone | None = None
    """None is the brand's."""
    holidays: tuple[date, ...] = ()
    snooze_stops: bool = False
    """Whether the time stands still while an item is snoozed."""
    lead_channel: Annotated[str, Field(max_length=60)] = ""
    """Slug of the channel where late replies are told; empty is where their cards stand."""
    leads: tuple[Slug, ...] = ()
    """Members who are mentioned there; empty is every manager."""
    rules: tuple[GoalRuleSettings, ...] = ()
    """The first that is for an item counts."""

    def policy(self, zone: str) -> GoalPolicy:
        """`zone` is the brand's."""
        week = ALWAYS if self.hours is None else self.hours.week
        rest = ReplyGoal(self.first_reply_minutes * MINUTE, self.next_reply_minutes * MINUTE)
        return GoalPolicy(
            goals=(*(rule.goal for rule in self.rules), rest),
            hours=BusinessHours(self.zone or zone, week, frozenset(self.holidays)),
            snooze_stops=self.snooze_stops,
            lead_channel=self.lead_channel,
            leads=self.leads,
        )
