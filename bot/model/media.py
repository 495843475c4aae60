"""Pictures: ours are kept by hash, other people's are only links."""

from __future__ import annotations

from collections.abc import Sequence
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


@dataclass(frozen=True, slots=True)
class PostPicture:
    """The first picture of a post under which people write, as the network or we have it.

    `url` is the network's link, or empty; `hash` names a picture of ours.
    """

    count: int
    """Pictures of the post."""
    alt_text: str = ""
    is_sensitive: bool = False
    url: str = ""
    hash: MediaHash | None = None


def told_pictures(media: Sequence[RemoteMedia]) -> PostPicture | None:
    """What a network shows with a post; None where that is nothing."""
    if not media:
        return None
    first = media[0]
    return PostPicture(len(media), first.alt_text, first.is_sensitive, first.url)


def own_pictures(media: Sequence[OwnMedia]) -> PostPicture | None:
    """Of a post that left from here."""
    if not media:
        return None
    first = media[0]
    return PostPicture(len(media), first.alt_text, hash=first.hash)
