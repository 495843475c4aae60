"""Reply goals: by when a reply is due, counted in business hours."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.model.business_hours import BusinessHours
from bot.model.ids import ItemId, Moment
from bot.model.item import ItemKind, ReplyClock
from bot.model.triage import Urgency

SOON = 0.75
"""Of the time that a goal gives: then whoever has the item is told."""


@dataclass(frozen=True, slots=True)
class ReplyGoal:
    """For items that meet every condition; an empty condition is met by all.

    `first` and `next` are milliseconds of business hours; 0 is no goal.
    """

    first: int
    next: int
    accounts: frozenset[str] = frozenset()
    kinds: frozenset[ItemKind] = frozenset()
    urgencies: frozenset[Urgency] = frozenset()

    def is_for(self, account: str, kind: ItemKind, urgency: Urgency) -> bool:
        return (
            (not self.accounts or account in self.accounts)
            and (not self.kinds or kind in self.kinds)
            and (not self.urgencies or urgency in self.urgencies)
        )


@dataclass(frozen=True, slots=True)
class GoalPolicy:
    """Of a brand. Of its goals the first that is for an item counts."""

    goals: tuple[ReplyGoal, ...]
    hours: BusinessHours = field(default_factory=BusinessHours)
    snooze_stops: bool = False
    lead_channel: str = ""
    """Slug of the channel where late replies are told; empty is where the cards stand."""
    leads: tuple[str, ...] = ()
    """Members who are mentioned there; empty is every manager."""

    def clock(
        self, account: str, kind: ItemKind, urgency: Urgency, since: Moment, *, is_next: bool
    ) -> ReplyClock | None:
        """The clock of an item that waits since then; None where no goal is for it."""
        for goal in self.goals:
            if goal.is_for(account, kind, urgency):
                allowed = goal.next if is_next else goal.first
                return self._running(since, allowed) if allowed else None
        return None

    def _running(self, since: Moment, allowed: int) -> ReplyClock:
        soon = self.hours.after(since, round(allowed * SOON))
        return ReplyClock(since, self.hours.after(since, allowed), soon)

    def paused(self, clock: ReplyClock, now: Moment, until: Moment) -> ReplyClock:
        """The same clock, standing still from now until then."""
        return ReplyClock(
            clock.since,
            self._moved(clock.due_at, now, until),
            None if clock.tell_at is None else self._moved(clock.tell_at, now, until),
        )

    def _moved(self, at: Moment, now: Moment, until: Moment) -> Moment:
        """What has passed already stays passed."""
        return at if at <= now else self.hours.after(until, self.hours.between(now, at))

    @property
    def fingerprint(self) -> str:
        """Hex; equal for policies that give every item the same clock."""
        told = [
            (one.first, one.next, sorted(one.accounts), sorted(one.kinds), sorted(one.urgencies))
            for one in self.goals
        ]
        hours = self.hours
        words = repr((told, hours.zone, hours.week, sorted(hours.holidays)))
        return hashlib.blake2b(words.encode(), digest_size=8).hexdigest()


GoalPolicies = Mapping[str, GoalPolicy]
"""By the slug of the brand; a brand without one has no goals."""


@dataclass(frozen=True, slots=True)
class Awaited:
    """An item whose reply somebody waits for. `permalink` may be empty."""

    item_id: ItemId
    author: str
    text: str
    permalink: str
    due_at: Moment | None
    wrote_again: bool = False
    """Which is why it is told."""


@dataclass(frozen=True, slots=True)
class GoalReport:
    """How the replies to what came in a span of time stand; milliseconds are of business hours.

    `answered` counts those that have a reply, `within` those that got it in time, `late` those that
    got it too late or still wait beyond their time; what still has time is none of them.
    """

    wanted: int
    answered: int
    within: int
    late: int
    median: int | None
    """From when they wrote to our reply; None when nothing was answered."""

    @property
    def rate(self) -> float | None:
        """Of those that want a reply the share that has one; None when nothing wants any."""
        return self.answered / self.wanted if self.wanted else None
