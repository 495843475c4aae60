"""The team's chats: each configured front end, imported only when it is configured."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

from bot.bootstrap.loading import loaded
from bot.config import (
    RelaySettings,
    Settings,
    SlackSettings,
    TelegramSettings,
    resolve,
    resolve_if_set,
)
from bot.errors import ConfigurationError
from bot.model.account import SecretRef
from bot.ports import ChatFrontend, Clock, Desk, Examines, Listens
from bot.services.chat_memory import StoredMemory
from bot.services.gallery import StoredGallery
from bot.services.presence import StoredPresence
from bot.store.store import Store


@dataclass(frozen=True, slots=True)
class Chats:
    """What was connected: lines out for workers, doors for the web process."""

    frontends: Mapping[str, ChatFrontend] = field(default_factory=dict)
    doors: Mapping[str, web.Application] = field(default_factory=dict)
    """By the path that each is mounted at."""
    listeners: Mapping[str, Listens] = field(default_factory=dict)
    """Connections that workers hold, by the chat's name."""

    def and_(self, other: Chats) -> Chats:
        return Chats(
            {**self.frontends, **other.frontends},
            {**self.doors, **other.doors},
            {**self.listeners, **other.listeners},
        )


async def connect_chats(
    stack: AsyncExitStack, settings: Settings, clock: Clock, desk: Desk, store: Store
) -> Chats:
    """Nothing is sent yet. ConfigurationError when a secret is missing."""
    chats = Chats()
    if settings.relay is not None:
        chats = chats.and_(await _relay(stack, settings.relay, clock, desk))
    if settings.slack is not None:
        chats = chats.and_(await _slack(stack, settings.slack, clock, desk, store))
    if settings.telegram is not None:
        chats = chats.and_(await _telegram(stack, settings, settings.telegram, clock, desk, store))
    return chats


async def examiners(
    stack: AsyncExitStack, settings: Settings, clock: Clock
) -> Mapping[str, Examines]:
    """The configured chats that can be asked whether everything is in place."""
    found: dict[str, Examines] = {}
    if settings.slack is not None:
        slack = await loaded("handlers.slack.connecting")
        found["slack"] = slack.SlackFrontend(await _slack_line(stack, slack, settings.slack, clock))
    if settings.telegram is not None:
        telegram = await loaded("handlers.telegram")
        options = telegram_options(telegram, settings.telegram)
        found["telegram"] = telegram.examiner(await _http(stack), clock, options)
    return found


async def _http(stack: AsyncExitStack) -> aiohttp.ClientSession:
    return await stack.enter_async_context(
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
    )


async def _relay(stack: AsyncExitStack, settings: RelaySettings, clock: Clock, desk: Desk) -> Chats:
    relay = await loaded("handlers.relay")
    secret = resolve(settings.secret)
    options = relay.RelayOptions(
        url=settings.url,
        secret=str(secret),
        read_back=settings.read_back,
        settle_seconds=settings.settle_seconds,
        posts_per_minute=settings.posts_per_minute,
        timeout_seconds=settings.timeout_seconds,
    )
    return Chats(
        {"relay": relay.RelayFrontend(await _http(stack), clock, options)},
        {"/chats/relay": relay.build_door(desk, clock, str(secret))},
    )


async def _slack(
    stack: AsyncExitStack, settings: SlackSettings, clock: Clock, desk: Desk, store: Store
) -> Chats:
    slack = await loaded("handlers.slack.connecting")
    line = await _slack_line(stack, slack, settings, clock)
    frontends, in_flight = {"slack": slack.SlackFrontend(line)}, slack.InFlight()
    presence = StoredPresence(store, "slack")
    if settings.mode == "http":
        door = slack.by_http(line, desk, clock, presence, in_flight)
        return Chats(frontends, doors={"/chats/slack": door})
    socket = slack.by_socket(line, desk, clock, presence, in_flight)
    return Chats(frontends, listeners={"slack": socket})


async def _slack_line(
    stack: AsyncExitStack, slack: Any, settings: SlackSettings, clock: Clock
) -> Any:
    return await stack.enter_async_context(slack.slack_line(slack_options(slack, settings), clock))


def slack_options(slack: Any, settings: SlackSettings) -> Any:
    """With the secrets that the mode needs, and no others."""
    is_socket = settings.mode == "socket"
    return slack.SlackOptions(
        bot_token=str(resolve(settings.bot_token)),
        app_token=_needed(settings.app_token, is_socket),
        signing_secret=_needed(settings.signing_secret, not is_socket),
        api_url=settings.api_url,
        command=settings.command,
        timeout_seconds=settings.timeout_seconds,
    )


def _needed(ref: SecretRef, is_needed: bool) -> str:
    return str(resolve(ref) if is_needed else resolve_if_set(ref) or "")


async def _telegram(
    stack: AsyncExitStack,
    settings: Settings,
    own: TelegramSettings,
    clock: Clock,
    desk: Desk,
    store: Store,
) -> Chats:
    telegram = await loaded("handlers.telegram")
    connected = telegram.connect(
        await _http(stack),
        clock,
        desk,
        StoredMemory(store, "telegram"),
        StoredPresence(store, "telegram"),
        StoredGallery(store),
        telegram_options(telegram, own),
        _webhook(telegram, settings, own),
    )
    return Chats(
        {"telegram": connected.frontend},
        {} if connected.door is None else {telegram.PATH: connected.door},
        {"telegram": connected.listener},
    )


def telegram_options(telegram: Any, settings: TelegramSettings) -> Any:
    return telegram.TelegramOptions(
        token=str(resolve(settings.bot_token)),
        base_url=settings.base_url,
        topics=settings.topics,
        counter=settings.counter,
        answer_seconds=settings.timeout_seconds,
    )


def _webhook(telegram: Any, settings: Settings, own: TelegramSettings) -> Any:
    """None when the desk polls."""
    if own.mode == "polling" or own.secret is None:
        return None
    secret = str(resolve(own.secret))
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
        raise ConfigurationError(
            "telegram.secret may have 1 to 256 letters, digits, _ and -. Choose another one."
        )
    return telegram.Webhook(f"{settings.desk.console_url}{telegram.PATH}/update", secret)
