"""What a network told, made fit to be stored: one broken item must not keep its batch out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.model.ids import Moment, RemoteId
from bot.model.media import RemoteMedia
from bot.model.network import IncomingItem
from bot.model.text import is_storable, storable

LONGEST_KEY = 512
"""Characters of a network's id; PostgreSQL cannot index what is much longer."""
LONGEST_TITLE = 300
LONGEST_NAME = 200
LARGEST_NUMBER = 2**53
"""Larger ones no column holds, and no network means."""


def is_endless(incoming: IncomingItem) -> bool:
    parent, thread = incoming.parent_remote_id or "", incoming.thread_remote_id or ""
    author = incoming.author.remote_id
    return max(len(incoming.remote_id), len(parent), len(thread), len(author)) > LONGEST_KEY


def clean(incoming: IncomingItem) -> IncomingItem:
    """Every text of it fit to be stored: one broken item must not keep its batch out."""
    if _is_clean(incoming):
        return incoming
    author = incoming.author
    parent, thread = incoming.parent_remote_id, incoming.thread_remote_id
    return replace(
        incoming,
        remote_id=RemoteId(storable(incoming.remote_id)),
        parent_remote_id=None if parent is None else RemoteId(storable(parent)),
        thread_remote_id=None if thread is None else RemoteId(storable(thread)),
        text=storable(incoming.text),
        published_at=Moment(_in_range(incoming.published_at)),
        permalink=storable(incoming.permalink),
        thread_title=storable(incoming.thread_title)[:LONGEST_TITLE],
        media=_storable(incoming.media),
        thread_media=_storable(incoming.thread_media),
        author=replace(
            author,
            remote_id=RemoteId(storable(author.remote_id)),
            handle=storable(author.handle)[:LONGEST_NAME],
            display_name=storable(author.display_name)[:LONGEST_NAME],
            url=storable(author.url),
            followers=None if author.followers is None else _in_range(author.followers),
        ),
    )


def _is_clean(incoming: IncomingItem) -> bool:
    """Whether `clean` would change nothing, which is nearly always so, in a few steps."""
    author = incoming.author
    if incoming.media or incoming.thread_media or len(incoming.thread_title) > LONGEST_TITLE:
        return False
    if len(author.handle) > LONGEST_NAME or len(author.display_name) > LONGEST_NAME:
        return False
    followers = author.followers or 0
    if not (0 <= incoming.published_at <= LARGEST_NUMBER and 0 <= followers <= LARGEST_NUMBER):
        return False
    texts = (
        incoming.remote_id,
        incoming.parent_remote_id or "",
        incoming.thread_remote_id or "",
        incoming.text,
        incoming.permalink,
        incoming.thread_title,
        author.remote_id,
        author.handle,
        author.display_name,
        author.url,
    )
    return is_storable("".join(texts))


def _storable(media: Sequence[RemoteMedia]) -> tuple[RemoteMedia, ...]:
    return tuple(
        replace(one, url=storable(one.url), alt_text=storable(one.alt_text)) for one in media
    )


def _in_range(number: int) -> int:
    return min(max(number, 0), LARGEST_NUMBER)


def without_words(incoming: IncomingItem) -> IncomingItem:
    """What may be kept of an item whose author asked to be forgotten: that it exists."""
    bare = replace(incoming, text="", permalink="", media=(), hints={})
    return replace(bare, thread_title="", thread_media=())
