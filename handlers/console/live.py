"""Server-sent events: one stream for each open tab, so that pages redraw what changed.

An event carries ids only; the page asks for the affected cards as its own reader. A tab that
comes back names the last event it saw; when it has missed more than is worth replaying it is
told to load everything again. Streams end at once when the server stops.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import ClientConnectionResetError, web

from bot.model.event import Event
from bot.model.ids import BrandId, EventId
from bot.model.member import ChatIdentity
from bot.ports import EventFeed
from handlers.console.visitor import VISITOR, Reception

PING_SECONDS = 15.0
REPLAY_AT_MOST = 500
STREAMS_AT_MOST = 200
STREAMS_OF_ONE = 20
"""Of one member: who opens more takes nothing away from the others."""
WRITE_SECONDS = 10.0
RETRY_MILLISECONDS = 2000


class Live:
    def __init__(
        self, feed: EventFeed, reception: Reception, *, ping_seconds: float, streams_at_most: int
    ) -> None:
        self._feed = feed
        self._reception = reception
        self._ping_seconds = ping_seconds
        self._streams_at_most = streams_at_most
        self._stopping = asyncio.Event()
        self._streams: Counter[ChatIdentity] = Counter()

    def install(self, app: web.Application) -> None:
        app.router.add_get("/events", self.events)
        app.on_shutdown.append(self.stop)

    async def stop(self, app: web.Application) -> None:
        self._stopping.set()

    async def events(self, request: web.Request) -> web.StreamResponse:
        visitor = request[VISITOR]
        if visitor.identity is None:
            return web.Response(
                status=401, text=visitor.speech.say("You are signed out. Sign in, then look again.")
            )
        if self._is_full(visitor.identity) or self._stopping.is_set():
            return web.Response(
                status=503,
                headers={"Retry-After": "5"},
                text=visitor.speech.say(
                    "Too many pages are open on this desk. Close some; this one tries again."
                ),
            )
        brand = visitor.member.brand_id if visitor.member else None
        self._streams[visitor.identity] += 1
        try:
            return await self._stream(request, brand)
        finally:
            self._streams[visitor.identity] -= 1

    def _is_full(self, identity: ChatIdentity) -> bool:
        if self._streams[identity] >= STREAMS_OF_ONE:
            return True
        return self._streams.total() >= self._streams_at_most

    async def _stream(self, request: web.Request, brand: BrandId | None) -> web.StreamResponse:
        latest = await self._feed.latest()
        last = last_seen(request)
        response = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream; charset=utf-8",
                "Cache-Control": "no-store",
                "X-Accel-Buffering": "no",
            }
        )
        await response.prepare(request)
        try:
            await _write(response, f"retry: {RETRY_MILLISECONDS}\n\n")
            if last is not None and not 0 <= latest - last <= REPLAY_AT_MOST:
                last = None
                await _write(response, f"id: {latest}\nevent: resync\ndata: {{}}\n\n")
            await self._follow(request, response, latest if last is None else last, brand)
        except (ClientConnectionResetError, ConnectionResetError, TimeoutError):
            pass  # the tab is gone, or reads nothing any more
        return response

    async def _follow(
        self,
        request: web.Request,
        response: web.StreamResponse,
        last: EventId,
        brand: BrandId | None,
    ) -> None:
        events = self._feed.follow(last)
        stop = asyncio.create_task(self._stopping.wait(), name="console stream: stop")
        following = asyncio.create_task(_next(events), name="console stream: next event")
        try:
            while True:
                done, _ = await asyncio.wait(
                    {stop, following},
                    timeout=self._ping_seconds,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                if stop in done:
                    return
                if following not in done:
                    if not await self._is_still_signed_in(request):
                        return
                    await _write(response, ": ping\n\n")
                    continue
                event = following.result()
                if event is None:
                    return
                following = asyncio.create_task(_next(events), name="console stream: next event")
                if brand is None or event.brand_id == brand:
                    await _write(response, as_message(event))
        finally:
            await _end(stop, following)

    async def _is_still_signed_in(self, request: web.Request) -> bool:
        return (await self._reception.recognise(request)).identity is not None


def last_seen(request: web.Request) -> EventId | None:
    """The event a returning tab names, by header or, for a new EventSource, by query."""
    given = request.headers.get("Last-Event-ID") or request.query.get("last", "")
    return EventId(int(given)) if given.isascii() and given.isdigit() and len(given) < 19 else None


def as_message(event: Event) -> str:
    data = {
        "kind": event.kind.value,
        "subject": event.subject.value,
        "subject_id": event.subject_id,
    }
    return f"id: {event.id}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n"


async def _next(events: AsyncIterator[Event]) -> Event | None:
    """The next event, or None when the feed ends."""
    return await anext(events, None)


async def _write(response: web.StreamResponse, text: str) -> None:
    async with asyncio.timeout(WRITE_SECONDS):
        await response.write(text.encode())


async def _end(*tasks: asyncio.Task[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
