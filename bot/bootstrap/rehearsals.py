"""What the live checklist goes through: each configured chat over its own line, with a listener.

`tap` is a middleware of the HTTP client for the chat or account of that name: it sees what is asked
and answered.
"""

from __future__ import annotations

import secrets
import string
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack

import aiohttp

from bot.bootstrap.chats import address_of, named, slack_options, telegram_options
from bot.bootstrap.loading import loaded
from bot.config import Settings
from bot.model.channel import Place
from bot.model.ids import CardToken, PostKey
from bot.ports import Clock, Rehearses

Taps = Callable[[str], Sequence[aiohttp.ClientMiddlewareType]]
Shape = tuple[str, str, object]
"""What a card or view is called, `blocks` or `view`, and itself as Slack gets it."""

_LETTERS = string.ascii_letters + string.digits


async def rehearsals(
    stack: AsyncExitStack,
    settings: Settings,
    clock: Clock,
    taps: Taps,
    shapes: Sequence[Shape] = (),
) -> Mapping[str, Rehearses]:
    """The chats by name; nothing is sent yet. ConfigurationError when a secret is missing."""
    found: dict[str, Rehearses] = {}
    if settings.slack is not None and "slack" in settings.named_chats:
        slack = await loaded("handlers.slack.connecting")
        rehearsing = await loaded("handlers.slack.rehearsal")
        options = slack_options(slack, settings.slack, named(settings, "slack").tokens)
        line = await stack.enter_async_context(slack.slack_line(options, clock, taps("slack")))
        found["slack"] = rehearsing.SlackRehearsal(
            line,
            clock,
            _place(settings, "slack"),
            PostKey(f"smoke-{secrets.token_hex(8)}"),
            _token(),
            shapes,
            is_socket=settings.slack.mode == "socket",
        )
    if settings.telegram is not None and "telegram" in settings.named_chats:
        telegram = await loaded("handlers.telegram")
        rehearsing = await loaded("handlers.telegram.rehearsal")
        http = await stack.enter_async_context(
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), middlewares=taps("telegram"))
        )
        is_polled = settings.telegram.mode == "polling"
        found["telegram"] = rehearsing.rehearsal(
            http,
            clock,
            telegram_options(telegram, settings.telegram, named(settings, "telegram").tokens),
            _place(settings, "telegram"),
            _token(),
            "" if is_polled else address_of(settings, "telegram"),
        )
    return found


def _place(settings: Settings, chat: str) -> Place | None:
    """The first channel that is named for a chat."""
    for brand in settings.brands:
        for channel in brand.channels:
            if channel.chat == chat:
                return Place(
                    channel.channel, channel.topic, channel.language, channel.zone or "UTC"
                )
    return None


def _token() -> CardToken:
    """Of no card of the desk."""
    return CardToken("".join(secrets.choice(_LETTERS) for _ in range(12)))
