"""A time to come as people write it in any chat: 18:00, 2026-12-24 18:00, 4h, 2d."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo

from bot.model.ids import DAY, HOUR, SECOND, Moment

_AHEAD = re.compile(r"([1-9][0-9]{0,2})(h|d)")
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_DATE = re.compile(r"2[0-9]{3}-[0-9]{2}-[0-9]{2}")


def read(words: Sequence[str], now: Moment, zone: tzinfo) -> tuple[Moment, Sequence[str]]:
    """The moment, and the words behind it. ValueError for what is none."""
    if not words:
        raise ValueError("until when is missing")
    ahead = _AHEAD.fullmatch(words[0].lower())
    if ahead is not None:
        step = HOUR if ahead[2] == "h" else DAY
        return Moment(now + int(ahead[1]) * step), words[1:]
    here = datetime.fromtimestamp(now / SECOND, UTC).astimezone(zone)
    day, left = here.date(), words
    if _DATE.fullmatch(words[0]):
        day, left = datetime.strptime(words[0], "%Y-%m-%d").replace(tzinfo=zone).date(), words[1:]
    clock = _CLOCK.fullmatch(left[0]) if left else None
    if clock is None:
        raise ValueError("that is no time")
    at = datetime(day.year, day.month, day.day, int(clock[1]), int(clock[2]), tzinfo=zone)
    if left is words and at <= here:
        at += timedelta(days=1)
    return Moment(round(at.timestamp()) * SECOND), left[1:]
