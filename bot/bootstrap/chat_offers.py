"""What the Connect page says about each chat: how one connects it, and what it asks for."""

from __future__ import annotations

import json
from importlib import import_module

from bot.cards.connecting import ChatOffer
from bot.config import Settings, SlackSettings
from handlers.chat_tokens import QUESTIONS


def chat_offers(settings: Settings) -> tuple[ChatOffer, ...]:
    """Imports no library of a chat: the manifest is text."""
    return (_slack(settings), _telegram(settings), *_relay(settings))


def _slack(settings: Settings) -> ChatOffer:
    slack = settings.slack or SlackSettings()
    address = settings.desk.public_url if slack.mode == "http" else ""
    manifest = import_module("handlers.slack.manifest").manifest(slack.command, address)
    text = json.dumps(manifest, indent=2)
    is_named = "slack" in settings.named_chats
    return ChatOffer("slack", "Slack", is_named, text, "C012AB3CD", QUESTIONS["slack"])


def _telegram(settings: Settings) -> ChatOffer:
    is_named = "telegram" in settings.named_chats
    return ChatOffer("telegram", "Telegram", is_named, "", "-1001234567890", QUESTIONS["telegram"])


def _relay(settings: Settings) -> tuple[ChatOffer, ...]:
    """A tool of one's own is offered to whoever has one."""
    return () if settings.relay is None else (ChatOffer("relay", "Relay", True, "", "care"),)
