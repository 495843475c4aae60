"""Moments as people read them: in their own zone, and in their own language."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from bot.model.ids import Moment
from bot.speech.speech import ENGLISH, Speech, marked

_MONTHS = (
    marked("Jan"),
    marked("Feb"),
    marked("Mar"),
    marked("Apr"),
    marked("May"),
    marked("Jun"),
    marked("Jul"),
    marked("Aug"),
    marked("Sep"),
    marked("Oct"),
    marked("Nov"),
    marked("Dec"),
)
_DAYS = (
    marked("Mon"),
    marked("Tue"),
    marked("Wed"),
    marked("Thu"),
    marked("Fri"),
    marked("Sat"),
    marked("Sun"),
)


def time_label(at: Moment, now: Moment, zone: tzinfo, speech: Speech = ENGLISH) -> str:
    """`14:02` today, `Fri 27 Nov, 18:00` this year, with the year otherwise."""
    local, today = local_time(at, zone), local_time(now, zone)
    if local.date() == today.date():
        return f"{local:%H:%M}"
    if local.year == today.year:
        return day_and_time(local, speech)
    return speech.say(
        "{day} {month} {year}, {time}",
        day=local.day,
        month=speech.say(_MONTHS[local.month - 1]),
        year=local.year,
        time=f"{local:%H:%M}",
    )


def day_and_time(local: datetime, speech: Speech) -> str:
    """`Fri 27 Nov, 18:00`."""
    return speech.say(
        "{weekday} {day} {month}, {time}",
        weekday=speech.say(_DAYS[local.weekday()]),
        day=local.day,
        month=speech.say(_MONTHS[local.month - 1]),
        time=f"{local:%H:%M}",
    )


def local_time(at: Moment, zone: tzinfo) -> datetime:
    return utc_time(at).astimezone(zone)


def utc_time(at: Moment) -> datetime:
    """Within what a calendar holds, in every zone."""
    seconds = min(max(int(at) // 1000, 0), 253_402_300_799 - 172_800)
    return datetime.fromtimestamp(seconds, UTC)
