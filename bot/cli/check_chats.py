"""The team's chats in `replydesk check`: whose tokens, and whether the channels can be reached."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack

from bot.bootstrap.chats import examiners
from bot.cli.findings import Finding, fail, ok, warn
from bot.config import Settings
from bot.coordination.clock import SystemClock
from bot.errors import ConfigurationError, ConnectorError
from bot.model.channel import Place
from bot.ports import Examines

EXAMINE_SECONDS = 20.0


async def check_chats(settings: Settings) -> list[Finding]:
    """Asks every configured chat; nothing is posted."""
    async with AsyncExitStack() as stack:
        try:
            found = await examiners(stack, settings, SystemClock())
        except ConfigurationError as error:
            return [fail("chats", str(error))]
        return [
            finding
            for chat, one in found.items()
            for finding in [*await _examine(settings, chat, one), *_people(settings, chat)]
        ]


async def _examine(settings: Settings, chat: str, one: Examines) -> list[Finding]:
    try:
        async with asyncio.timeout(EXAMINE_SECONDS):
            found = await one.examine(_places(settings, chat))
    except ConnectorError as error:
        return [fail(chat, str(error))]
    except TimeoutError:
        return [fail(chat, f"It did not answer within {EXAMINE_SECONDS:g} seconds.")]
    return [fail(chat, one.says) if one.is_trouble else ok(chat, one.says) for one in found]


def _places(settings: Settings, chat: str) -> Sequence[Place]:
    return [
        Place(channel.channel, channel.topic)
        for brand in settings.brands
        for channel in brand.channels
        if channel.chat == chat
    ]


def _people(settings: Settings, chat: str) -> list[Finding]:
    known = [
        member.name
        for brand in settings.brands
        for member in brand.members
        if any(identity.chat == chat for identity in member.identities)
    ]
    if not known:
        says = f"No member has a {chat} id yet, so nobody can decide anything there."
        return [warn(chat, f"{says} Add {chat} = to [[brands.members]].")]
    return [ok(chat, f"Known there: {', '.join(known)}.")]
