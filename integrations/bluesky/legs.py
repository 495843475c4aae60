"""The ways of reading Bluesky that are lists, each with its own cursor.

`notifications` is the inbox: replies, mentions and quotes. It does not have replies to replies
of others, so `threads` (in its own file) reads whole threads
again and proves what was deleted. A name written
without a mention facet notifies nobody, so `keywords` searches for it. `own` reads what our
account wrote itself, wherever it answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.model.ids import Moment
from bot.model.network import Batch, Cursor, Leg, Watch
from integrations.bluesky import reading
from integrations.bluesky.descent import PAGE, Mark, Page, descend
from integrations.bluesky.lexicon import (
    POST,
    NotificationPage,
    PostPage,
    Raw,
    RecordPage,
)
from integrations.bluesky.reading import Ourselves
from integrations.bluesky.records import Records
from integrations.bluesky.xrpc import Xrpc
from integrations.ordering import oldest_first

NOTIFICATIONS = Leg("notifications")
THREADS = Leg("threads")
KEYWORDS = Leg("keywords")
OWN = Leg("own")


class KeywordsCursor(BaseModel):
    model_config = ConfigDict(frozen=True)
    marks: dict[str, Mark] = {}


class OwnCursor(BaseModel):
    model_config = ConfigDict(frozen=True)
    key: str = ""
    """Record key of our newest post; tells that the first reading is done."""


class ReadsLeg(Protocol):
    async def read(self, since: Cursor | None, watch: Watch, us: Ourselves) -> Batch: ...


class Inbox:
    def __init__(self, xrpc: Xrpc, records: Records) -> None:
        self._xrpc = xrpc
        self._records = records

    async def read(self, since: Cursor | None, watch: Watch, us: Ourselves) -> Batch:
        entries, mark = await descend(self._page, _indexed_at, _mark(since), watch.since)
        entries = [one for one in entries if one.get("reason") not in reading.IGNORED]
        roots = await self._records.beginnings(_roots(entries))
        shown = await self._records.views(_pictured(entries))
        return Batch(
            observations=oldest_first(
                reading.notification(_with_embed(entry, shown), us, roots) for entry in entries
            ),
            cursor=Cursor(mark.model_dump_json()),
            more=bool(mark.page),
        )

    async def _page(self, cursor: str) -> Page:
        params = [("limit", str(PAGE)), *(("reasons", reason) for reason in reading.REASONS)]
        if cursor:
            params.append(("cursor", cursor))
        page = await self._xrpc.query(
            "app.bsky.notification.listNotifications", params, NotificationPage
        )
        return Page(page.notifications, page.cursor)


class Search:
    def __init__(self, xrpc: Xrpc, records: Records) -> None:
        self._xrpc = xrpc
        self._records = records

    async def read(self, since: Cursor | None, watch: Watch, us: Ourselves) -> Batch:
        marks = _keyword_marks(since)
        found: list[Raw] = []
        onward: dict[str, Mark] = {}
        for keyword in dict.fromkeys((us.handle, *watch.keywords)):
            mark = marks.get(keyword, Mark())
            entries, onward[keyword] = await self._hits(keyword, mark, watch)
            found += [entry for entry in entries if keyword != us.handle or _names(entry, us)]
        roots = await self._records.beginnings(_roots(found))
        return Batch(
            observations=oldest_first(reading.post(one, us, roots) for one in found),
            cursor=Cursor(KeywordsCursor(marks=onward).model_dump_json()),
            more=any(mark.page for mark in onward.values()),
        )

    async def _hits(self, keyword: str, mark: Mark, watch: Watch) -> tuple[list[Raw], Mark]:
        floor = mark.floor(watch.since)

        async def page(cursor: str) -> Page:
            params = [("q", _phrase(keyword)), ("sort", "latest"), ("limit", str(PAGE))]
            if floor:
                params.append(("since", reading.iso(floor)))
            if cursor:
                params.append(("cursor", cursor))
            hits = await self._xrpc.query("app.bsky.feed.searchPosts", params, PostPage)
            return Page(hits.posts, hits.cursor)

        return await descend(page, reading.position, mark, watch.since)


class OwnPosts:
    """Reads our repository itself, which no index can lag behind."""

    def __init__(self, xrpc: Xrpc) -> None:
        self._xrpc = xrpc

    async def read(self, since: Cursor | None, watch: Watch, us: Ourselves) -> Batch:
        params = [("repo", us.did), ("collection", POST), ("limit", str(PAGE))]
        page = await self._xrpc.query("com.atproto.repo.listRecords", params, RecordPage)
        newest = page.records[0].uri.rsplit("/", 1)[-1] if page.records else ""
        return Batch(
            observations=oldest_first(reading.own_record(record, us) for record in page.records),
            cursor=Cursor(OwnCursor(key=newest).model_dump_json()),
        )


def _indexed_at(entry: Raw) -> Moment:
    """The inbox is sorted by when the network saw a post, not by what its author claims."""
    try:
        return reading.moment_of(str(entry.get("indexedAt")))
    except ValueError:
        return Moment(0)


def _mark(since: Cursor | None) -> Mark:
    """A cursor that cannot be read begins anew: the core recognises what it has."""
    try:
        return Mark() if since is None else Mark.model_validate_json(since)
    except ValidationError:
        return Mark()


def _keyword_marks(since: Cursor | None) -> Mapping[str, Mark]:
    try:
        return {} if since is None else KeywordsCursor.model_validate_json(since).marks
    except ValidationError:
        return {}


def _phrase(keyword: str) -> str:
    """Several words are one phrase, unless the person wrote a query of their own."""
    return f'"{keyword}"' if " " in keyword and '"' not in keyword else keyword


def _record(entry: Raw) -> Raw:
    record = entry.get("record")
    return record if isinstance(record, dict) else {}


def _names(entry: Raw, us: Ourselves) -> bool:
    """The network's search splits a handle into words: only those who wrote it whole count."""
    return us.handle.casefold() in str(_record(entry).get("text")).casefold()


def _roots(entries: Iterable[Raw]) -> list[str]:
    uris: dict[str, None] = {}
    for entry in entries:
        reply = _record(entry).get("reply")
        root = reply.get("root") if isinstance(reply, dict) else None
        if isinstance(root, dict) and isinstance(root.get("uri"), str):
            uris[str(root["uri"])] = None
    return list(uris)


def _pictured(entries: Iterable[Raw]) -> list[str]:
    """Posts with an embed: a notification has its record only, pictures are in the view."""
    return [str(entry.get("uri")) for entry in entries if _record(entry).get("embed")]


def _with_embed(entry: Raw, shown: Mapping[str, Raw]) -> Raw:
    view = shown.get(str(entry.get("uri")))
    return {**entry, "embed": view.get("embed")} if view else entry
