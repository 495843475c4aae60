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
    is_near,
    resolve,
    resolve_if_set,
)
from bot.errors import ConfigurationError
from bot.model.account import SecretRef
from bot.ports import ChatFrontend, Clock, Desk, Examines, Introduces, Listens
from bot.services.chat_memory import StoredMemory
from bot.services.gallery import StoredGallery
from bot.services.presence import StoredPresence
from bot.store.store import Store

CALLS = {"slack": "events", "telegram": "update"}
"""What a chat asks for below `/chats/<chat>`."""
Tokens = Mapping[str, str]
"""By the name of their setting."""


@dataclass(frozen=True, slots=True)
class Given:
    """What one chat is connected with."""

    tokens: Tokens = field(repr=False)
    is_called: bool = False
    """Whether the chat calls us at our address, instead of being listened to."""


@dataclass(frozen=True, slots=True)
class Chats:
    """What is connected now: lines out for workers, doors for the web process.

    Lines of a chat that is connected in the console come and go while the desk runs.
    """

    frontends: dict[str, ChatFrontend] = field(default_factory=dict)
    doors: dict[str, web.Application] = field(default_factory=dict)
    """By the path that each is mounted at."""
    listeners: dict[str, Listens] = field(default_factory=dict)
    """Connections that workers hold, by the chat's name."""

    def add(self, other: Chats) -> None:
        self.frontends.update(other.frontends)
        self.doors.update(other.doors)
        self.listeners.update(other.listeners)


async def connect_chats(
    stack: AsyncExitStack, settings: Settings, clock: Clock, desk: Desk, store: Store
) -> Chats:
    """Those whose tokens the configuration names; ConfigurationError when one is missing.

    Nothing is sent yet.
    """
    chats = Chats()
    if settings.relay is not None:
        chats.add(await _relay(stack, settings.relay, clock, desk))
    for chat in sorted(settings.named_chats - {"relay"}):
        given = named(settings, chat)
        chats.add(await connect_chat(stack, settings, chat, given, clock, desk, store))
    return chats


async def connect_chat(
    stack: AsyncExitStack,
    settings: Settings,
    chat: str,
    given: Given,
    clock: Clock,
    desk: Desk,
    store: Store,
) -> Chats:
    """One chat with these tokens, `slack` or `telegram`; set as its table says, if it has one."""
    if chat == "slack":
        return await _slack(stack, slack_of(settings), given, clock, desk, store)
    return await _telegram(stack, settings, given, clock, desk, store)


def slack_of(settings: Settings) -> SlackSettings:
    return settings.slack or SlackSettings()


def telegram_of(settings: Settings) -> TelegramSettings:
    return settings.telegram or TelegramSettings()


def has_address(settings: Settings, chat: str) -> bool:
    """Whether this chat could call us; from outside it wants https."""
    vendor = slack_of(settings).api_url if chat == "slack" else telegram_of(settings).base_url
    ours = settings.desk.public_url
    return ours.startswith("https://") or (bool(ours) and is_near(vendor))


def named(settings: Settings, chat: str) -> Given:
    """The tokens that the mode needs, and others only where they are."""
    if chat == "telegram":
        telegram = telegram_of(settings)
        tokens = {"bot_token": str(resolve(telegram.bot_token))}
        if telegram.mode == "polling" or telegram.secret is None:
            return Given(tokens)
        return Given({**tokens, "secret": str(resolve(telegram.secret))}, is_called=True)
    slack = slack_of(settings)
    is_socket = slack.mode == "socket"
    held = {
        "bot_token": str(resolve(slack.bot_token)),
        "app_token": _needed(slack.app_token, is_socket),
        "signing_secret": _needed(slack.signing_secret, not is_socket),
    }
    return Given(held, is_called=not is_socket)


def address_of(settings: Settings, chat: str) -> str:
    """Where the chat calls us."""
    return f"{settings.desk.console_url}/chats/{chat}/{CALLS[chat]}"


async def examiners(
    stack: AsyncExitStack, settings: Settings, clock: Clock
) -> Mapping[str, Examines]:
    """The configured chats that can be asked whether everything is in place."""
    found: dict[str, Examines] = {}
    for chat in sorted(settings.named_chats - {"relay"}):
        tokens = named(settings, chat).tokens
        if chat == "slack":
            slack = await loaded("handlers.slack.connecting")
            line = await _slack_line(stack, slack, slack_of(settings), tokens, clock)
            found["slack"] = slack.SlackFrontend(line)
        else:
            telegram = await loaded("handlers.telegram")
            options = telegram_options(telegram, telegram_of(settings), tokens)
            found["telegram"] = telegram.examiner(await _http(stack), clock, options)
    return found


async def introducer(
    stack: AsyncExitStack, settings: Settings, chat: str, tokens: Tokens, clock: Clock
) -> Introduces:
    """A line that is asked once whose tokens these are."""
    if chat == "slack":
        slack = await loaded("handlers.slack.connecting")
        line = await _slack_line(stack, slack, slack_of(settings), tokens, clock)
        asked: Introduces = slack.SlackIntroduction(line)
        return asked
    telegram = await loaded("handlers.telegram")
    options = telegram_options(telegram, telegram_of(settings), tokens)
    introduced: Introduces = telegram.introduction(await _http(stack), clock, options)
    return introduced


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
    stack: AsyncExitStack,
    settings: SlackSettings,
    given: Given,
    clock: Clock,
    desk: Desk,
    store: Store,
) -> Chats:
    slack = await loaded("handlers.slack.connecting")
    line = await _slack_line(stack, slack, settings, given.tokens, clock)
    frontends = {"slack": slack.frontend(line, StoredMemory(store, "slack"))}
    in_flight = slack.InFlight()
    presence = StoredPresence(store, "slack")
    if given.is_called:
        door = slack.by_http(line, desk, clock, presence, in_flight)
        return Chats(frontends, doors={"/chats/slack": door})
    socket = slack.by_socket(line, desk, clock, presence, in_flight)
    return Chats(frontends, listeners={"slack": socket})


async def _slack_line(
    stack: AsyncExitStack, slack: Any, settings: SlackSettings, tokens: Tokens, clock: Clock
) -> Any:
    options = slack_options(slack, settings, tokens)
    return await stack.enter_async_context(slack.slack_line(options, clock))


def slack_options(slack: Any, settings: SlackSettings, tokens: Tokens) -> Any:
    return slack.SlackOptions(
        **tokens,
        api_url=settings.api_url,
        command=settings.command,
        timeout_seconds=settings.timeout_seconds,
    )


def _needed(ref: SecretRef, is_needed: bool) -> str:
    return str(resolve(ref) if is_needed else resolve_if_set(ref) or "")


async def _telegram(
    stack: AsyncExitStack,
    settings: Settings,
    given: Given,
    clock: Clock,
    desk: Desk,
    store: Store,
) -> Chats:
    telegram = await loaded("handlers.telegram")
    own = telegram_of(settings)
    connected = telegram.connect(
        await _http(stack),
        clock,
        desk,
        StoredMemory(store, "telegram"),
        StoredPresence(store, "telegram"),
        StoredGallery(store),
        telegram_options(telegram, own, given.tokens),
        _webhook(telegram, settings, given),
    )
    return Chats(
        {"telegram": connected.frontend},
        {} if connected.door is None else {telegram.PATH: connected.door},
        {"telegram": connected.listener},
    )


def telegram_options(telegram: Any, settings: TelegramSettings, tokens: Tokens) -> Any:
    return telegram.TelegramOptions(
        token=tokens["bot_token"],
        base_url=settings.base_url,
        topics=settings.topics,
        counter=settings.counter,
        answer_seconds=settings.timeout_seconds,
    )


def _webhook(telegram: Any, settings: Settings, given: Given) -> Any:
    """None when the desk polls."""
    if not given.is_called:
        return None
    secret = given.tokens["secret"]
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
        raise ConfigurationError(
            "telegram.secret may have 1 to 256 letters, digits, _ and -. Choose another one."
        )
    return telegram.Webhook(address_of(settings, "telegram"), secret)
