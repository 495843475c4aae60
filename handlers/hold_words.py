"""What people write about pauses, the same words in every chat: `[now] [replies|posts] ...`.

Without `now` the desk says what it would hold or let go, and asks.
"""

from __future__ import annotations

from bot.model.commands import HoldKind


def read(words: str) -> tuple[bool, tuple[HoldKind, ...], str]:
    """Whether they are sure, what is meant (without a word for it, both), and the rest."""
    is_sure, kinds, rest = False, tuple(HoldKind), words.strip()
    first, _, after = rest.partition(" ")
    if first.lower() == "now":
        is_sure, rest = True, after.strip()
        first, _, after = rest.partition(" ")
    if first.lower() in set(HoldKind):
        kinds, rest = (HoldKind(first.lower()),), after.strip()
    return is_sure, kinds, rest
