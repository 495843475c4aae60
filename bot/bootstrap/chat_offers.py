"""What the Connect page says about each chat: how one connects it, and what it asks for."""

from __future__ import annotations

import json
from importlib import import_module

from bot.bootstrap.chats import address_of, has_address
from bot.cards.connecting import ChatOffer
from bot.config import Settings, SlackSettings
from handlers.chat_tokens import questions


def chat_offers(settings: Settings) -> tuple[ChatOffer, ...]:
    """Imports no library of a chat: the manifest is text."""
    return (_slack(settings), _telegram(settings), *_relay(settings))


def _slack(settings: Settings) -> ChatOffer:
    slack = settings.slack or SlackSettings()
    address = settings.desk.public_url if slack.mode == "http" else ""
    manifest = import_module("handlers.slack.manifest").manifest
    is_named = "slack" in settings.named_chats
    could = has_address(settings, "slack") and not is_named
    return ChatOffer(
        "slack",
        "Slack",
        is_named,
        json.dumps(manifest(slack.command, address), indent=2),
        "C012AB3CD",
        questions("slack", has_address=could),
        address_of(settings, "slack") if could else "",
        json.dumps(manifest(slack.command, settings.desk.public_url), indent=2) if could else "",
    )


def _telegram(settings: Settings) -> ChatOffer:
    is_named = "telegram" in settings.named_chats
    could = has_address(settings, "telegram") and not is_named
    return ChatOffer(
        "telegram",
        "Telegram",
        is_named,
        "",
        "-1001234567890",
        questions("telegram", has_address=could),
        address_of(settings, "telegram") if could else "",
    )


def _relay(settings: Settings) -> tuple[ChatOffer, ...]:
    """A tool of one's own is offered to whoever has one."""
    return () if settings.relay is None else (ChatOffer("relay", "Relay", True, "", "care"),)
