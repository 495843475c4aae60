"""What a team writes down to watch one feed."""

from __future__ import annotations

from pydantic import Field, HttpUrl

from bot.model.item import ItemKind
from bot.speech.speech import marked
from integrations.definition import ConnectorSettings

ENTRY_WORDS = (marked("comment"), marked("mention"), marked("review"), marked("message"))
"""Choices of `kind`, said in the language of whoever connects the feed."""


class RssSettings(ConnectorSettings):
    url: HttpUrl = Field(
        title=marked("Address of the feed"), description="https://example.com/feed"
    )
    """The feed itself (RSS or Atom), not the page that links to it."""
    keywords: tuple[str, ...] = Field(
        default=(), title=marked("Only entries with one of these words")
    )
    """Only entries that contain one of these are brought; all of them when there are none."""
    kind: ItemKind = Field(default=ItemKind.MENTION, title=marked("What an entry is"))
    """What an entry is to the brand: `mention` for a blog or a search, `review` for reviews."""
    timeout_seconds: float = Field(default=15.0, gt=0, le=60)
