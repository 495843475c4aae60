"""RSS and Atom: feeds that speak of the brand, read only."""

from __future__ import annotations

from bot.ports import Connector
from integrations.definition import NetworkDefinition, Surroundings
from integrations.rss.connector import CAPABILITIES, RssConnector
from integrations.rss.settings import RssSettings


def connect(settings: RssSettings, surroundings: Surroundings) -> Connector:
    return RssConnector(settings, surroundings.clock, surroundings.allow_private_hosts)


NETWORK = NetworkDefinition(CAPABILITIES.network, CAPABILITIES.title, RssSettings, connect)
