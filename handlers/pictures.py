"""Pictures of a card, as chats show them: the first by its address, and all of them in words."""

from __future__ import annotations

from bot.cards.card import Picture
from bot.speech.speech import Speech

LONGEST = 2_000
"""Characters of an address that any chat fetches."""


def pictures_counted(media: Picture, speech: Speech) -> str:
    """`3 pictures, sensitive`."""
    if media.is_sensitive:
        return speech.plural(
            "{count} picture, sensitive", "{count} pictures, sensitive", media.count
        )
    return speech.plural("{count} picture", "{count} pictures", media.count)


def shown_at_once(media: Picture | None) -> str:
    """The address of the first picture, where a chat may fetch and show it unasked; else empty."""
    return "" if media is None or media.is_sensitive else _fetched(media)


def shown_when_asked(media: Picture) -> str:
    """The address of a sensitive picture, for whoever follows a link to it."""
    return _fetched(media) if media.is_sensitive else ""


def _fetched(media: Picture) -> str:
    is_plain = media.remote.isascii() and media.remote.isprintable() and " " not in media.remote
    is_fit = is_plain and media.remote.startswith("https://") and len(media.remote) <= LONGEST
    return media.remote if is_fit else ""
