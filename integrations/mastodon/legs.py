"""The ways of reading Mastodon that are lists, each with its own cursor.

`notifications` is the inbox: whoever names us, also those whom the server's own filter sets aside
(by default private words of strangers). An answer that does not name us notifies nobody,
so `threads` (in its own file) reads whole threads again. `hashtags` are public timelines, `own`
is what our account wrote itself.

A list is read with `min_id` ("what came directly after"), which leaves no gaps, and its cursor
is taken from the `Link` header: ids are strings, and nothing about their order is assumed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.model.ids import Moment
from bot.model.network import Batch, Cursor, Leg, Unsupported, Watch
from integrations.mastodon.entities import Status
from integrations.mastodon.reading import (
    Ourselves,
    mention_in,
    moment_of,
    status_in,
)
from integrations.mastodon.roots import READ, Roots
from integrations.mastodon.server import MastodonServer, at
from integrations.mastodon.settings import tag_of
from integrations.ordering import oldest_first
from integrations.wire import Params

NOTIFICATIONS = Leg("notifications")
THREADS = Leg("threads")
HASHTAGS = Leg("hashtags")
OWN = Leg("own")
PAGE = 40
FIRST_PAGES = 3
"""Pages that a first reading goes back."""


class Marks(BaseModel):
    """The newest id seen of each list; an empty list has none."""

    model_config = ConfigDict(frozen=True)
    marks: dict[str, str] = {}


class ReadsLeg(Protocol):
    async def read(self, since: Cursor | None, watch: Watch, us: Ourselves) -> Batch: ...


class ReadsRow(Protocol):
    def __call__(self, raw: Any, /) -> Status | Unsupported: ...


class Lists:
    """Reads one list of a leg onward from where it stood."""

    def __init__(self, server: MastodonServer) -> None:
        self._server = server

    async def onward(
        self, path: str, params: Params, *, read: ReadsRow, scope: str, mark: str, watch: Watch
    ) -> tuple[list[Status | Unsupported], str, bool]:
        """Statuses, oldest first, the new mark, and whether more may be there."""
        if not mark:
            return await self._recent(path, params, read, scope, watch.since)
        page = await self._server.page(path, [*params, ("min_id", mark)], scope=scope)
        found = [read(raw) for raw in reversed(page.rows)]
        is_further = bool(page.rows) and page.newest not in {"", mark}
        return found, page.newest or mark, is_further

    async def _recent(
        self, path: str, params: Params, read: ReadsRow, scope: str, since: Moment | None
    ) -> tuple[list[Status | Unsupported], str, bool]:
        """The newest pages, at a first reading; what is older than `since` is of no interest."""
        page = await self._server.page(path, params, scope=scope)
        mark = page.newest
        found = [read(raw) for raw in page.rows]
        for _ in range(FIRST_PAGES - 1):
            if not page.rows or not page.older or _reaches(found, since):
                break
            page = await self._server.page(path, [*params, ("max_id", page.older)], scope=scope)
            found += [read(raw) for raw in page.rows]
        return found[::-1], mark, False


class Inbox:
    def __init__(self, lists: Lists, roots: Roots) -> None:
        self._lists = lists
        self._roots = roots

    async def read(self, since: Cursor | None, watch: Watch, us: Ourselves) -> Batch:
        found, mark, more = await self._lists.onward(
            "/api/v1/notifications",
            [("types[]", "mention"), ("limit", str(PAGE)), ("include_filtered", "true")],
            read=mention_in,
            scope="read:notifications",
            mark=marks_in(since).get(NOTIFICATIONS, ""),
            watch=watch,
        )
        told = oldest_first(await self._roots.placed(found, us))
        return Batch(told, cursor_of({NOTIFICATIONS: mark}), more)


class Hashtags:
    def __init__(self, lists: Lists, roots: Roots, always: Sequence[str]) -> None:
        self._lists = lists
        self._roots = roots
        self._always = always

    async def read(self, since: Cursor | None, watch: Watch, us: Ourselves) -> Batch:
        before, after = marks_in(since), dict[str, str]()
        found: list[Status | Unsupported] = []
        any_more = False
        for tag in tags(self._always, watch):
            statuses, after[tag], more = await self._lists.onward(
                at("timelines/tag", tag),
                [("limit", str(PAGE))],
                read=status_in,
                scope=READ,
                mark=before.get(tag, ""),
                watch=watch,
            )
            found += statuses
            any_more |= more
        told = oldest_first(await self._roots.placed(found, us))
        return Batch(told, cursor_of(after), any_more)


class Own:
    """What we wrote, here or in an app: echoes, and the posts whose threads are to be watched."""

    def __init__(self, lists: Lists, roots: Roots) -> None:
        self._lists = lists
        self._roots = roots

    async def read(self, since: Cursor | None, watch: Watch, us: Ourselves) -> Batch:
        found, mark, more = await self._lists.onward(
            at("accounts", us.id, "/statuses"),
            [("exclude_reblogs", "true"), ("limit", str(PAGE))],
            read=status_in,
            scope=READ,
            mark=marks_in(since).get(OWN, ""),
            watch=watch,
        )
        written = [one for one in found if isinstance(one, Unsupported) or one.reblog is None]
        told = oldest_first(await self._roots.placed(written, us))
        return Batch(told, cursor_of({OWN: mark}), more)


def tags(always: Sequence[str], watch: Watch) -> tuple[str, ...]:
    """The hashtags to watch: of the settings, and the keywords that begin with `#`."""
    named = [tag_of(word) for word in watch.keywords if word.strip().startswith("#")]
    every = [*always, *(tag for tag in named if tag is not None)]
    return tuple({tag.casefold(): tag for tag in every}.values())


def cursor_of(marks: dict[str, str]) -> Cursor:
    return Cursor(Marks(marks=marks).model_dump_json())


def marks_in(since: Cursor | None) -> dict[str, str]:
    """A cursor that cannot be read begins anew: the core recognises what it has."""
    try:
        return {} if since is None else Marks.model_validate_json(since).marks
    except ValidationError:
        return {}


def _reaches(found: Sequence[Status | Unsupported], since: Moment | None) -> bool:
    statuses = [one for one in found if isinstance(one, Status)]
    return since is not None and bool(statuses) and moment_of(statuses[-1]) < since
