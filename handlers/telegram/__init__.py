"""Telegram: cards in groups, supergroups and topics, and presses and words back from there."""

from __future__ import annotations

import handlers.telegram.bare_library  # noqa: F401 - before the library
from handlers.telegram.connecting import PATH, Connected, connect, examiner, introduction
from handlers.telegram.line import TelegramOptions
from handlers.telegram.listening import Webhook

__all__ = ["PATH", "Connected", "TelegramOptions", "Webhook", "connect", "examiner", "introduction"]
