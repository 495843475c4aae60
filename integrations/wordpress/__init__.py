"""WordPress: the comments of a blog, read, answered and moderated; and posts."""

from __future__ import annotations

from bot.ports import Connector
from integrations.definition import NetworkDefinition, Surroundings
from integrations.wordpress.connector import CAPABILITIES, WordPressConnector
from integrations.wordpress.settings import WordPressSettings
from integrations.wordpress.site import WordPressSite


def connect(settings: WordPressSettings, surroundings: Surroundings) -> Connector:
    return WordPressConnector(
        WordPressSite(
            surroundings.http,
            surroundings.clock,
            str(settings.url),
            user=settings.user,
            password=surroundings.secrets["application_password"],
            timeout=settings.timeout_seconds,
        )
    )


NETWORK = NetworkDefinition(CAPABILITIES.network, CAPABILITIES.title, WordPressSettings, connect)
