"""Mastodon, and the servers that speak its API (GoToSocial and others): one account."""

from __future__ import annotations

from bot.model.ids import NetworkName
from integrations.definition import NetworkDefinition
from integrations.mastodon.connector import connect
from integrations.mastodon.settings import MastodonSettings

NETWORK: NetworkDefinition[MastodonSettings] = NetworkDefinition(
    name=NetworkName("mastodon"),
    title="Mastodon",
    settings=MastodonSettings,
    connect=connect,
)
