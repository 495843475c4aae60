"""What the pages read from the desk, always as the person who looks."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from aiohttp import web

from bot.cards.pages import DeskPage, DeskQuery
from bot.model.member import ChatIdentity
from bot.ports import Clock, Desk
from bot.speech.speech import marked
from handlers.console.limits import IN_CHANNEL
from handlers.console.render import Reading
from handlers.console.visitor import VISITOR, Visitor
from handlers.fitting import Limits

VIEW_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Seen:
    """The desk as one reader sees it, and how to draw for them."""

    reader: ChatIdentity
    desk: DeskPage
    reading: Reading


class Readers:
    def __init__(self, desk: Desk, clock: Clock) -> None:
        self._desk = desk
        self._clock = clock

    async def see(self, request: web.Request, limits: Limits = IN_CHANNEL) -> Seen:
        """Raises HTTPUnauthorized for a browser that nobody signed in on."""
        reader = reader_of(request)
        async with asyncio.timeout(VIEW_SECONDS):
            page = await self._desk.view(DeskQuery(), reader)
        return Seen(
            reader, page, Reading(self._clock.now(), zone_of(page.zone), limits, page.speech)
        )

    async def zone(self, visitor: Visitor) -> tzinfo:
        if visitor.identity is None:
            return UTC
        async with asyncio.timeout(VIEW_SECONDS):
            page = await self._desk.view(DeskQuery(), visitor.identity)
        return zone_of(page.zone)


def reader_of(request: web.Request) -> ChatIdentity:
    identity = request[VISITOR].identity
    if identity is None:
        raise web.HTTPUnauthorized(text=marked("You are signed out. Sign in, then look again."))
    return identity


def zone_of(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC
