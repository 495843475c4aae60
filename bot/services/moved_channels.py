"""Channels whose id changed: the note that says so, and following it at a start."""

from __future__ import annotations

from bot.store.tx import Tx

MOVED_TO = "moved_to"
"""The name of the note that says which id a channel has now."""


def follow_moves(tx: Tx) -> None:
    """Channels that the configuration calls by an old id get the one they have now."""
    for (chat, old), new in tx.chat_notes.named(MOVED_TO).items():
        tx.channels.move(chat, old, new)
