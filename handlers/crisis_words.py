"""What people write about a crisis, the same words in every chat.

start [LEVEL] [reason]              shows what would be held, and asks once
updates 30m                         reminds the lead so often; updates go to this channel
end                                 asks about each post that was held
statement LANGUAGE NAME [30d]: TEXT the next version of a holding statement
"""

from __future__ import annotations

import re

from bot.model.commands import Command, EndCrisis, ProposeCrisis, ScheduleUpdates, WriteStatement
from bot.model.crisis import Level
from bot.model.ids import HOUR, MINUTE
from bot.speech.speech import Speech

MOST = 300
"""Characters of a reason."""
DAYS = 30
"""After which a statement expires, unless it says otherwise."""
_TIME = re.compile(r"([1-9]\d{0,2})(m|h)")
_STATEMENT = re.compile(
    r"([A-Za-z]{2})\s+([^:\n]{1,60}?)(?:\s+([1-9]\d{0,2})d)?\s*:\s*(.+)", re.DOTALL
)


def read(words: str, chat: str, channel: str, topic: str = "") -> Command:
    """ValueError where it is neither; the place is where its card should stand."""
    verb, _, rest = words.strip().partition(" ")
    match verb.lower():
        case "start":
            level, reason = _level(rest.strip())
            return ProposeCrisis(reason[:MOST], level, chat, channel, topic)
        case "end":
            return EndCrisis()
        case "updates":
            return ScheduleUpdates(_every(rest.strip()), chat, channel, topic)
        case "statement":
            return _statement(rest, chat, channel, topic)
        case _:
            raise ValueError(words)


def _every(words: str) -> int:
    """Milliseconds; ValueError for what is neither `off` nor a time."""
    if words.lower() == "off":
        return 0
    found = _TIME.fullmatch(words.lower())
    if found is None:
        raise ValueError(words)
    return int(found[1]) * (HOUR if found[2] == "h" else MINUTE)


def _statement(words: str, chat: str, channel: str, topic: str) -> Command:
    found = _STATEMENT.fullmatch(words.strip())
    if found is None:
        raise ValueError(words)
    language, name, days, text = found.groups()
    lasts = int(days) if days else DAYS
    return WriteStatement(name, language.lower(), text, lasts, chat, channel, topic)


def how(speech: Speech) -> str:
    """What can be written."""
    levels = ", ".join(level.value for level in Level)
    return (
        speech.say(
            "crisis start [LEVEL] [reason] shows what would be held and asks once; crisis end asks "
            "about each. LEVEL is what approvals ask for meanwhile: {levels}.",
            levels=levels,
        )
        + " "
        + speech.say(
            "crisis updates 30m reminds the lead so often, and updates land here; updates off ends "
            "that. crisis statement en NAME 30d: TEXT writes a holding statement for 30 days."
        )
    )


def _level(words: str) -> tuple[Level | None, str]:
    first, _, rest = words.partition(" ")
    if first.lower() in set(Level):
        return Level(first.lower()), rest.strip()
    return None, words
