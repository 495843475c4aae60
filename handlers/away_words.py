"""What people write about being away, the same words in every chat: `away`, `away until 18:00`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

from bot.model import when
from bot.model.commands import GoAway
from bot.model.ids import SECOND, Moment
from bot.speech.speech import Speech, marked
from handlers.moments import day_and_time

HOW = marked("Write: away, or away until WHEN. WHEN is 18:00, 2026-12-24 18:00, 4h or 2d.")


def read(words: str, now: Moment, zone: tzinfo) -> GoAway:
    """ValueError where it is neither."""
    said = words.split()
    if not said:
        return GoAway()
    until, left = when.read(said[1:] if said[0].lower() == "until" else said, now, zone)
    if left:
        raise ValueError(words)
    return GoAway(until)


def choices(now: Moment, zone: tzinfo, speech: Speech) -> list[tuple[str, str]]:
    """What a button offers: a label, and the wall time at which a day's work begins again."""
    here = datetime.fromtimestamp(now / SECOND, UTC).astimezone(zone)
    days = {1, 7 - here.weekday()}
    mornings = [here + timedelta(days=one) for one in sorted(days)]
    at = [one.replace(hour=9, minute=0, second=0, microsecond=0) for one in mornings]
    return [
        (
            speech.say("Until {when}", when=day_and_time(one, speech)),
            one.replace(tzinfo=None).isoformat(),
        )
        for one in at
    ]


def how(speech: Speech) -> str:
    return speech.say(HOW)
