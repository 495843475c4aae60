"""What people write about their own digest, the same words in every chat.

09:00 16:00         what waits for me, in a direct message at these times
off                 no more
quiet 22:00-07:00   nobody mentions me then, and what waits is told at the end
quiet off           no more
"""

from __future__ import annotations

import re

from bot.model.commands import Command, SetDigest, SetQuiet
from bot.model.pace import Pace
from bot.speech.speech import Speech, marked

MOST = 6
"""Times of a day."""
HOW = marked("Write: digest 09:00 16:00, digest off, digest quiet 22:00-07:00 or digest quiet off.")
_TIME = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)")


def read(words: str) -> Command:
    """ValueError where it is none of these."""
    said = words.lower().replace("–", "-").split()
    if said[:1] == ["quiet"]:
        return SetQuiet(_span("".join(said[1:])))
    if said == ["off"]:
        return SetDigest(())
    if not 0 < len(said) <= MOST:
        raise ValueError(words)
    return SetDigest(tuple(sorted({_minutes(one.strip(",")) for one in said})))


def _span(words: str) -> tuple[int, int] | None:
    if words == "off":
        return None
    begins, _, ends = words.partition("-")
    span = _minutes(begins), _minutes(ends)
    if span[0] == span[1]:
        raise ValueError(words)
    return span


def _minutes(word: str) -> int:
    """Of the day."""
    found = _TIME.fullmatch(word)
    if found is None:
        raise ValueError(word)
    return int(found[1]) * 60 + int(found[2])


def told(pace: Pace, speech: Speech) -> list[str]:
    """How it is set now."""
    says = speech.say("You get no digest.")
    if pace.digest:
        times = ", ".join(map(_clock, pace.digest))
        says = speech.say("Your digest comes at {times} ({zone}).", times=times, zone=pace.zone)
    if pace.quiet is None:
        return [says]
    hours = pace.quiet.hours
    begins, ends = _clock(hours.start), _clock(hours.end)
    quiet = marked("Your quiet hours are {begins} to {ends} ({zone}).")
    return [says, speech.say(quiet, begins=begins, ends=ends, zone=hours.zone)]


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def how(speech: Speech) -> str:
    return speech.say(HOW)
