"""RSS and Atom: feeds that speak of the brand, read only."""

from __future__ import annotations

from bot.model.ids import NetworkName
from bot.speech.speech import marked
from integrations.definition import NetworkDefinition
from integrations.rss.settings import RssSettings

NETWORK: NetworkDefinition[RssSettings] = NetworkDefinition(
    name=NetworkName("rss"),
    title="RSS",
    settings=RssSettings,
    about=marked("A feed that speaks of the brand, read only; it needs no token."),
)
