"""Pictures of a card in words, for chats that do not show them on it."""

from __future__ import annotations

from bot.cards.card import Picture
from bot.speech.speech import Speech


def pictures_counted(media: Picture, speech: Speech) -> str:
    """`3 pictures, sensitive`."""
    if media.is_sensitive:
        return speech.plural(
            "{count} picture, sensitive", "{count} pictures, sensitive", media.count
        )
    return speech.plural("{count} picture", "{count} pictures", media.count)
