"""What people write about saved replies, the same words in every chat.

                            (nothing) lists them
keep LANGUAGE NAME: TEXT    a new one, or other words under the same name
drop NUMBER                 the number that the list shows
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.cards.labels import LANGUAGE_NAMES
from bot.model.commands import Command, DropReply, WriteReply
from bot.model.saved_reply import SLOTS, SavedReply
from bot.speech.speech import Speech
from handlers.shortening import cut

_KEEP = re.compile(r"([A-Za-z]{2})\s+([^:\n]{1,60}?)\s*:\s*(.+)", re.DOTALL)
_NUMBER = re.compile(r"#?([1-9][0-9]{0,11})")
SHOWN = 120
"""Characters of a text in the list."""


def read(words: str) -> Command:
    """ValueError where it is neither."""
    verb, _, rest = words.strip().partition(" ")
    match verb.lower():
        case "keep":
            kept = _KEEP.fullmatch(rest.strip())
            if kept is None:
                raise ValueError(words)
            language, name, text = kept.groups()
            return WriteReply(name, language.lower(), text)
        case "drop":
            number = _NUMBER.fullmatch(rest.strip())
            if number is None:
                raise ValueError(words)
            return DropReply(int(number[1]))
        case _:
            raise ValueError(words)


def listed(replies: Sequence[SavedReply], speech: Speech) -> list[str]:
    """A line for each, as plain text; one sentence where there is none."""
    lines = [_line(one, speech) for one in replies]
    return lines or [speech.say("There are no saved replies yet.")]


def _line(reply: SavedReply, speech: Speech) -> str:
    said = " ".join(reply.text.split())
    where = f"{reply.id} · {speech.say(LANGUAGE_NAMES[reply.language])} · {reply.name}"
    return speech.say("{what}: {why}", what=where, why=cut(said, SHOWN))


def how(speech: Speech) -> str:
    """What can be written."""
    return speech.say(
        "replies keep en NAME: TEXT keeps words that cards in that language offer; replies drop "
        "NUMBER ends that. What is filled in: {known}.",
        known=", ".join(sorted(SLOTS)),
    )
