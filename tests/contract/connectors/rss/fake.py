"""A server of one feed that answers conditional requests as WordPress does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.contract.connector_case import Fault

FIXTURES = Path(__file__).with_name("fixtures")
STATUSES = {
    Fault.UNAUTHORIZED: 401,
    Fault.FORBIDDEN: 403,
    Fault.GONE: 410,
    Fault.SERVER_ERROR: 503,
}


def recorded(name: str) -> bytes:
    return (FIXTURES / name).read_bytes()


@dataclass
class FakeFeed:
    body: bytes
    content_type: str = "application/rss+xml; charset=UTF-8"
    url: str = ""
    etag: str = '"one"'
    modified: str = "Sun, 22 Nov 2026 19:23:10 GMT"
    redirect_to: str = ""
    fault: Fault | None = None
    conditions: list[tuple[str, str]] = field(default_factory=list)
    """If-None-Match and If-Modified-Since of each request."""

    @property
    def visible(self) -> Sequence[str]:
        return ()

    @property
    def writes(self) -> int:
        return 0

    def fail_next(self, fault: Fault) -> None:
        self.fault = fault

    async def answer(self, request: web.Request) -> web.StreamResponse:
        asked = request.headers.get("If-None-Match", "")
        self.conditions.append((asked, request.headers.get("If-Modified-Since", "")))
        fault, self.fault = self.fault, None
        if fault in STATUSES:
            return web.Response(status=STATUSES[fault])
        if fault is Fault.RATE_LIMITED:
            return web.Response(status=429, headers={"Retry-After": "3600"})
        if fault is Fault.SLOW_AFTER_ACTING:
            await asyncio.sleep(0.6)
        if fault is Fault.GARBAGE:
            return web.Response(text="<html><p>Please sign in.</p></html>")
        if self.redirect_to:
            return web.Response(status=302, headers={"Location": self.redirect_to})
        if asked == self.etag:
            return web.Response(status=304, headers={"ETag": self.etag})
        headers = {
            "ETag": self.etag,
            "Last-Modified": self.modified,
            "Content-Type": self.content_type,
        }
        return web.Response(body=self.body, headers=headers)


@asynccontextmanager
async def fake_feed(name: str = "comments.rss") -> AsyncIterator[FakeFeed]:
    fake = FakeFeed(recorded(name))
    app = web.Application()
    app.router.add_get("/feed/", fake.answer)
    async with TestServer(app) as server:
        fake.url = str(server.make_url("/feed/"))
        yield fake
