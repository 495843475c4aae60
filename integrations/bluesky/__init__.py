"""Bluesky: one account on the AT Protocol, through its own personal data server."""

from __future__ import annotations

from bot.model.ids import NetworkName
from bot.speech.speech import marked
from integrations.bluesky.settings import BlueskySettings
from integrations.definition import NetworkDefinition

NETWORK: NetworkDefinition[BlueskySettings] = NetworkDefinition(
    name=NetworkName("bluesky"),
    title="Bluesky",
    settings=BlueskySettings,
    about=marked("Replies, mentions and quotes of one account, wherever its data lives."),
    steps=(
        marked("In the app, open Settings > Privacy and security > App passwords > Add."),
        marked("Leave direct messages off, and copy the password: it is shown once."),
    ),
)
