"""By when something is promised: days and times as people write them in four languages.

Only plain words count: a date, a day of the week, today or tomorrow, so many hours or days. Where
no time of the day is said it is 18:00 in the brand's zone. A reply is thought to promise something
where it also has a verb of ours in the future; it is a suggestion, and a person decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from bot.model.ids import SECOND, Moment
from bot.model.oncall import local, moment_of

EVENING = 18 * 60
"""Minutes of the day by which something is due on a day of which no time is said."""
_WEEKDAYS = (
    r"monday|lundi|luni|понедельник\w*",
    r"tuesday|mardi|marți|marti|вторник\w*",
    r"wednesday|mercredi|miercuri|сред[уаы]",
    r"thursday|jeudi|joi|четверг\w*",
    r"friday|vendredi|vineri|пятниц\w*",
    r"saturday|samedi|sâmbătă|sambata|суббот\w*",
    r"sunday|dimanche|duminică|duminica|воскресень\w*",
)
_TODAY = r"today|tonight|aujourd['’]hui|astăzi|astazi|azi|сегодня"
_TOMORROW = r"tomorrow|demain|mâine|maine|завтра"
_HOURS = r"hours?|heures?|ore|oră|час\w*"
_DAYS = r"days?|jours?|zile|zi|дн\w*|день"
_TIME = re.compile(r"\b([01]?\d|2[0-3])(?::([0-5]\d)|\s?h\b)")
_ISO = re.compile(r"\b(20\d\d)-(\d\d)-(\d\d)\b")
_DATE = re.compile(r"\b(\d{1,2})[./](\d{1,2})(?:[./](20\d\d))?\b")
_AHEAD = re.compile(rf"\b(\d{{1,2}})\s*(?:({_HOURS})|({_DAYS}))\b", re.IGNORECASE)
_NEAR = re.compile(rf"\b(?:({_TODAY})|({_TOMORROW}))\b", re.IGNORECASE)
_OF_WEEK = re.compile(r"\b(?:" + "|".join(f"({one})" for one in _WEEKDAYS) + r")\b", re.IGNORECASE)
_PROMISES = re.compile(
    r"\b(?:will|shall|we['’]ll|i['’]ll"
    r"|\w+(?:rons|rai)|allons|vais"
    r"|vom|voi|o\s+să"
    r"|буд(?:ем|у)|\w{3,}(?:ем|ём|им))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Named:
    """`words` are those that say it."""

    words: str
    due_at: Moment


def promised(text: str, at: Moment, zone: str) -> Named | None:
    """What a reply of ours that left at a moment seems to promise."""
    for sentence in re.split(r"(?<=[.!?…])\s+|\n", text):
        if _PROMISES.search(sentence):
            named = named_time(sentence, at, zone)
            if named is not None:
                return named
    return None


def named_time(text: str, at: Moment, zone: str) -> Named | None:
    """The first time to come that these words name, as it is understood at a moment."""
    found = _hours_ahead(text, at) or _on_a_day(text, at, zone)
    return found if found is not None and found.due_at > at else None


def _hours_ahead(text: str, at: Moment) -> Named | None:
    ahead = _AHEAD.search(text)
    if ahead is None or ahead[2] is None:
        return None
    return Named(ahead[0], Moment(at + int(ahead[1]) * 3600 * SECOND))


def _on_a_day(text: str, at: Moment, zone: str) -> Named | None:
    today = local(at, zone).date()
    found = _dated(text, today) or _counted(text, today)
    clock = _TIME.search(text)
    minutes = EVENING if clock is None else int(clock[1]) * 60 + int(clock[2] or 0)
    if found is None and clock is None:
        return None
    words, day = found or ("", today)
    said = words if clock is None else f"{words} {clock[0]}".strip()
    due = moment_of(day, minutes, zone)
    if found is None and due <= at:
        due = moment_of(today + timedelta(days=1), minutes, zone)
    return Named(said, due)


def _dated(text: str, today: date) -> tuple[str, date] | None:
    iso, short = _ISO.search(text), _DATE.search(text)
    try:
        if iso is not None:
            return iso[0], date(int(iso[1]), int(iso[2]), int(iso[3]))
        if short is not None:
            day = date(int(short[3] or today.year), int(short[2]), int(short[1]))
            is_past = short[3] is None and day < today
            return short[0], day.replace(year=day.year + 1) if is_past else day
    except ValueError:
        return None
    return None


def _counted(text: str, today: date) -> tuple[str, date] | None:
    near, of_week, ahead = _NEAR.search(text), _OF_WEEK.search(text), _AHEAD.search(text)
    if near is not None:
        return near[0], today + timedelta(days=0 if near[1] else 1)
    if of_week is not None:
        assert of_week.lastindex is not None
        days = (of_week.lastindex - 1 - today.weekday()) % 7 or 7
        return of_week[0], today + timedelta(days=days)
    if ahead is not None and ahead[3] is not None:
        return ahead[0], today + timedelta(days=int(ahead[1]))
    return None
