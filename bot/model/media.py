"""Pictures: ours are kept by hash, other people's are only links."""

from __future__ import annotations

from dataclasses import dataclass

from bot.model.ids import MediaHash

MAX_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class OwnMedia:
    """A picture of ours on its way out; the order within a post matters."""

    hash: MediaHash
    content_type: str
    """An image type: image/png, image/jpeg, image/gif or image/webp."""
    alt_text: str
    size: int
    """Bytes, at most `MAX_BYTES`."""


@dataclass(frozen=True, slots=True)
class RemoteMedia:
    """Somebody else's picture: a link that a browser is never sent to."""

    url: str
    alt_text: str = ""
    is_sensitive: bool = False
