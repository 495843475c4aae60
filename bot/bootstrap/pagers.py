"""The pagers of `[oncall]`, imported only when one is configured."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from bot.bootstrap.loading import loaded
from bot.config import OnCallSettings, PageRouteSettings, resolve
from bot.model.oncall import RouteKind
from bot.ports import Beats, Clock, Pager

VENDORS = {
    RouteKind.PAGERDUTY: "https://events.pagerduty.com",
    RouteKind.OPSGENIE: "https://api.opsgenie.com",
}


@dataclass(frozen=True, slots=True)
class Paging:
    """What was connected; nothing was sent."""

    pagers: Mapping[str, Pager] = field(default_factory=dict)
    """By the slug of their route."""
    beats: Beats | None = None


async def connect_pagers(stack: AsyncExitStack, settings: OnCallSettings, clock: Clock) -> Paging:
    """ConfigurationError when a secret is missing."""
    routes = [one for one in settings.routes if not one.route.is_chat]
    if not routes and not settings.heartbeat_url:
        return Paging()
    paging = await loaded("integrations.paging")
    http = await stack.enter_async_context(
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
    )
    beats = None
    if settings.heartbeat_url:
        beats = paging.Heartbeat(paging.HttpOptions(http, clock, settings.heartbeat_url))
    return Paging({one.slug: await _pager(paging, one, http, clock) for one in routes}, beats)


async def _pager(
    paging: Any, settings: PageRouteSettings, http: aiohttp.ClientSession, clock: Clock
) -> Pager:
    secret = "" if settings.secret is None else str(resolve(settings.secret))
    made: Pager
    if settings.kind is RouteKind.EMAIL:
        mail = await loaded("integrations.paging.email")
        made = mail.EmailPager(
            paging.EmailOptions(
                clock=clock,
                server=settings.server,
                port=settings.port,
                sender=settings.sender,
                user=settings.user,
                password=secret,
                security=settings.security,
            )
        )
        return made
    url = settings.url or VENDORS.get(settings.kind, "")
    options = paging.HttpOptions(http, clock, url, secret, settings.knows_keys)
    made = paging.BY_HTTP[settings.kind](options)
    return made
