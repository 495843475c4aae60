"""Bluesky: one account on the AT Protocol, through its own personal data server."""

from __future__ import annotations

from bot.model.ids import NetworkName
from integrations.bluesky.connector import connect
from integrations.bluesky.settings import BlueskySettings
from integrations.definition import NetworkDefinition

NETWORK: NetworkDefinition[BlueskySettings] = NetworkDefinition(
    name=NetworkName("bluesky"),
    title="Bluesky",
    settings=BlueskySettings,
    connect=connect,
)
