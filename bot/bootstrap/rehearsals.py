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

from bot.bootstrap.chats import (
    Given,
    address_of,
    slack_of,
    slack_options,
    telegram_of,
    telegram_options,
)
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
    chats: Mapping[str, tuple[Given, Place | None]],
    shapes: Sequence[Shape] = (),
) -> Mapping[str, Rehearses]:
    """The chats by name, each with its tokens and a channel; nothing is sent yet."""
    found: dict[str, Rehearses] = {}
    if "slack" in chats:
        given, place = chats["slack"]
        slack = await loaded("handlers.slack.connecting")
        rehearsing = await loaded("handlers.slack.rehearsal")
        options = slack_options(slack, slack_of(settings), given.tokens)
        line = await stack.enter_async_context(slack.slack_line(options, clock, taps("slack")))
        found["slack"] = rehearsing.SlackRehearsal(
            line,
            clock,
            place,
            PostKey(f"smoke-{secrets.token_hex(8)}"),
            _token(),
            shapes,
            is_socket=not given.is_called,
        )
    if "telegram" in chats:
        given, place = chats["telegram"]
        telegram = await loaded("handlers.telegram")
        rehearsing = await loaded("handlers.telegram.rehearsal")
        http = await stack.enter_async_context(
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), middlewares=taps("telegram"))
        )
        found["telegram"] = rehearsing.rehearsal(
            http,
            clock,
            telegram_options(telegram, telegram_of(settings), given.tokens),
            place,
            _token(),
            address_of(settings, "telegram") if given.is_called else "",
        )
    return found


def named_place(settings: Settings, chat: str) -> Place | None:
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
