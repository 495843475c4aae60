"""Feeds as feedparser reads them -> items. Pure, and slow for large feeds: call it in a thread.

feedparser takes what feeds really are (wrong dates, undeclared entities, broken XML) and gives an
empty result for what is no feed. It is handed a stream, because a bare string it would open as a
file or fetch as an address.
"""

from __future__ import annotations

import calendar
import hashlib
import io
from collections.abc import Iterable
from dataclasses import dataclass
from time import struct_time
from typing import Any

import feedparser
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from bot.errors import UnexpectedResponse
from bot.model.ids import SECOND, Moment, RemoteId
from bot.model.item import ItemKind
from bot.model.network import IncomingItem, Observation, RemoteAuthor, Unsupported
from integrations.plain_text import plain_text

MAX_TEXT = 50_000
"""Characters of an entry that are kept."""

_MAX_ID = 500
_MAX_NAME = 200


@dataclass(frozen=True, slots=True)
class Feed:
    title: str
    link: str
    entries: tuple[Entry | Unsupported, ...]
    """In the feed's own order, usually newest first."""


class _Content(BaseModel):
    value: str = ""


class Entry(BaseModel):
    """The leaves of an entry that are used; everything in them is untrusted."""

    model_config = ConfigDict(extra="ignore", frozen=True, arbitrary_types_allowed=True)

    id: str = ""
    link: str = ""
    title: str = ""
    summary: str = ""
    author: str = ""
    content: tuple[_Content, ...] = ()
    published_parsed: struct_time | None = None
    updated_parsed: struct_time | None = None

    @field_validator("published_parsed", "updated_parsed", mode="before")
    @classmethod
    def _real_time(cls, value: object) -> struct_time | None:
        return value if isinstance(value, struct_time) else None

    @property
    def remote_id(self) -> RemoteId:
        """The guid or `atom:id`; without one (or with a monstrous one) a hash of link and title."""
        if 0 < len(self.id) <= _MAX_ID:
            return RemoteId(self.id)
        told = self.id or f"{self.link}\0{self.title}"
        return RemoteId(f"entry:{_digest(told, 32)}")

    @property
    def text(self) -> str:
        title = plain_text(self.title)
        body = plain_text(self.content[0].value if self.content else self.summary)
        if body.startswith(title):
            title = ""
        return "\n\n".join(part for part in (title, body) if part)[:MAX_TEXT]

    @property
    def digest(self) -> str:
        """Changes when the entry is another one or says something else."""
        return _digest(f"{self.remote_id}\0{self.text}", 16)

    def written_at(self, now: Moment) -> Moment:
        """Its own date, but never in the future; now for an entry without a date."""
        for parsed in (self.published_parsed, self.updated_parsed):
            if parsed is not None and parsed.tm_year >= 1970:
                return Moment(min(calendar.timegm(parsed) * SECOND, now))
        return now

    def says_one_of(self, keywords: Iterable[str]) -> bool:
        words = [word.casefold() for word in keywords if word.strip()]
        text = self.text.casefold()
        return not words or any(word in text for word in words)


def parse_feed(body: bytes, content_type: str, address: str) -> Feed:
    """Raises UnexpectedResponse when this is no feed."""
    headers = {"content-type": content_type, "content-location": address}
    # its own cleaning of HTML takes hours for some broken markup; ours keeps the words alone
    parsed: Any = feedparser.parse(
        io.BytesIO(body),
        response_headers=headers,
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    if not parsed.get("version") and not parsed.get("entries"):
        raise UnexpectedResponse(
            "There is no RSS or Atom feed at this address. Open it in a browser, look for the "
            "link to its feed, and set url to that.",
            payload=body[:500].decode("utf-8", "replace"),
        )
    about = parsed.get("feed", {})
    return Feed(
        plain_text(str(about.get("title", "")))[:_MAX_NAME],
        _web(str(about.get("link", ""))),
        tuple(_entry(each) for each in parsed.get("entries", ())),
    )


def observe(entry: Entry | Unsupported, feed: Feed, kind: ItemKind, now: Moment) -> Observation:
    if isinstance(entry, Unsupported):
        return entry
    name = plain_text(entry.author)[:_MAX_NAME] or feed.title or "Unknown author"
    return IncomingItem(
        remote_id=entry.remote_id,
        kind=kind,
        author=RemoteAuthor(RemoteId(f"author:{_digest(name, 16)}"), name, name),
        text=entry.text,
        published_at=entry.written_at(now),
        permalink=_web(entry.link) or feed.link,
        thread_title=feed.title,
    )


def _entry(entry: Any) -> Entry | Unsupported:
    try:
        return Entry.model_validate(dict(entry))
    except ValidationError:
        return Unsupported("entry", repr(dict(entry))[:2000])


def _web(address: str) -> str:
    """An address that may become a link on a card; `javascript:` and the like may not."""
    return address if address.startswith(("http://", "https://")) else ""


def _digest(text: str, length: int) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:length]
