"""What the Connect page says about each chat: how one connects it, and whether it is connected."""

from __future__ import annotations

import json
from importlib import import_module

from bot.cards.connecting import ChatOffer
from bot.config import Settings, SlackSettings


def chat_offers(settings: Settings) -> tuple[ChatOffer, ...]:
    """Imports no library of a chat: the manifest is text."""
    return (_slack(settings), _telegram(settings), *_relay(settings))


def _slack(settings: Settings) -> ChatOffer:
    slack = settings.slack or SlackSettings()
    address = settings.desk.public_url if slack.mode == "http" else ""
    manifest = import_module("handlers.slack.manifest").manifest(slack.command, address)
    return ChatOffer(
        "slack", "Slack", settings.slack is not None, json.dumps(manifest, indent=2), "C012AB3CD"
    )


def _telegram(settings: Settings) -> ChatOffer:
    return ChatOffer("telegram", "Telegram", settings.telegram is not None, "", "-1001234567890")


def _relay(settings: Settings) -> tuple[ChatOffer, ...]:
    """A tool of one's own is offered to whoever has one."""
    return () if settings.relay is None else (ChatOffer("relay", "Relay", True, "", "care"),)
