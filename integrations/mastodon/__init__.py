"""Mastodon, and the servers that speak its API (GoToSocial and others): one account."""

from __future__ import annotations

from bot.model.ids import NetworkName
from bot.speech.speech import marked
from integrations.definition import NetworkDefinition
from integrations.mastodon.settings import MastodonSettings

NETWORK: NetworkDefinition[MastodonSettings] = NetworkDefinition(
    name=NetworkName("mastodon"),
    title="Mastodon",
    settings=MastodonSettings,
    about=marked("Comments, mentions and replies of one account; GoToSocial and the like too."),
    steps=(
        marked("On the server, open Preferences > Development > New application."),
        marked("Tick read, write:statuses, write:media and write:favourites, then save it."),
        marked("Open the application again and copy “Your access token”."),
    ),
)
