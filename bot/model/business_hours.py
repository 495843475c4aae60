"""Business hours: when a team works, in its own zone, and time counted in them alone.

Everything is counted in milliseconds that really pass: an hour that a clock change skips or repeats
is shorter or longer as that day is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from bot.model.ids import DAY, SECOND, Moment

MINUTES_OF_DAY = 24 * 60


@dataclass(frozen=True, slots=True, order=True)
class Opening:
    """Minutes since the local midnight; `ends` is at most `MINUTES_OF_DAY`."""

    begins: int
    ends: int


ALWAYS = ((Opening(0, MINUTES_OF_DAY),),) * 7
OFFICE = ((Opening(9 * 60, 18 * 60),),) * 5 + ((),) * 2
"""Of a team that has said nothing of its own."""


@dataclass(frozen=True, slots=True)
class BusinessHours:
    """`week` has seven days, Monday first; at least one of them has an opening."""

    zone: str = "UTC"
    week: tuple[tuple[Opening, ...], ...] = ALWAYS
    holidays: frozenset[date] = frozenset()

    def after(self, start: Moment, business: int) -> Moment:
        """When `business` milliseconds of business hours will have passed since `start`."""
        if self._is_always:
            return Moment(start + business)
        left = business
        for begins, ends in self._spans(start):
            passes = ends - max(begins, start)
            if passes > 0:
                if left <= passes:
                    return Moment(max(begins, start) + left)
                left -= passes
        raise AssertionError("a week without business hours")

    def between(self, start: Moment, end: Moment) -> int:
        """Milliseconds of business hours from `start` to `end`; 0 when it is not later."""
        if self._is_always:
            return max(0, end - start)
        passed = 0
        for begins, ends in self._spans(start):
            if begins >= end:
                break
            passed += max(0, min(ends, end) - max(begins, start))
        return passed

    def closes(self, start: Moment) -> Moment:
        """The end of the business day that goes on, or of the next one."""
        day = _day(self.zone, start)
        while True:
            openings = () if day in self.holidays else self.week[day.weekday()]
            ends = [_moment(self.zone, day, one.ends) for one in openings]
            if ends and ends[-1] > start:
                return Moment(ends[-1])
            day += timedelta(days=1)

    def until(self, at: Moment) -> Moment | None:
        """When the opening that goes on is over, with what adjoins it; None while it is closed.

        What never closes is told of a day at a time, or a little more.
        """
        ends = int(at)
        for begins, closes in self._spans(at):
            if begins > ends or ends - at >= DAY:
                break
            ends = max(ends, closes)
        return Moment(ends) if ends > at else None

    def opens(self, at: Moment) -> Moment:
        """When the next opening begins."""
        return next(Moment(begins) for begins, _closes in self._spans(at) if begins > at)

    @property
    def _is_always(self) -> bool:
        return not self.holidays and self.week == ALWAYS

    def _spans(self, start: Moment) -> Iterator[tuple[int, int]]:
        """Openings in order, from the day of `start` on, for ever."""
        day = _day(self.zone, start)
        while True:
            if day not in self.holidays:
                for opening in self.week[day.weekday()]:
                    yield (
                        _moment(self.zone, day, opening.begins),
                        _moment(self.zone, day, opening.ends),
                    )
            day += timedelta(days=1)


def _day(zone: str, at: Moment) -> date:
    return datetime.fromtimestamp(at / SECOND, ZoneInfo(zone)).date()


@lru_cache(4_096)
def _moment(zone: str, day: date, minutes: int) -> int:
    """The UTC milliseconds at which a clock in that zone shows these minutes of the day."""
    local = datetime.combine(day, time()) + timedelta(minutes=minutes)
    return round(local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).timestamp() * SECOND)
