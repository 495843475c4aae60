"""What people write about direct messages, the same words in every chat: `dm on`, `dm off`."""

from __future__ import annotations

from bot.model.commands import WriteToMe
from bot.speech.speech import marked

HOW = marked("Write: dm on, to have what waits for your yes here too, or dm off.")


def read(words: str) -> WriteToMe:
    """ValueError where it is neither."""
    wanted = {"on": True, "off": False}.get(words.strip().lower())
    if wanted is None:
        raise ValueError(words)
    return WriteToMe(wanted)
