"""What a person writes down to connect a Mastodon account."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field
from yarl import URL

from bot.model.account import SecretRef
from bot.speech.speech import marked
from integrations.definition import ConnectorSettings

_TAG = re.compile(r"\w{1,100}")


def tag_of(word: str) -> str | None:
    """The hashtag that a word names, without its `#`; None when it cannot be one."""
    bare = word.strip().removeprefix("#")
    return bare if _TAG.fullmatch(bare) else None


def _hashtag(value: str) -> str:
    tag = tag_of(value)
    if tag is None:
        raise ValueError("write a hashtag as one word, for example #acme")
    return tag


def _address(value: str) -> str:
    bare = value.strip().rstrip("/")
    if not bare.startswith(("https://", "http://")) or not URL(bare).host:
        raise ValueError("write the server's whole address, for example https://mastodon.social")
    return bare


class Audience(StrEnum):
    """Who sees a status, in the network's own words, widest first."""

    PUBLIC = "public"
    UNLISTED = "unlisted"
    PRIVATE = "private"
    """Our followers, and whoever it names."""
    DIRECT = "direct"
    """Only whom it names."""


class MastodonSettings(ConnectorSettings):
    """One account. The token is made under Preferences > Development > New application."""

    base_url: Annotated[str, AfterValidator(_address)] = Field(
        title=marked("Server"), description="https://mastodon.social"
    )
    """The server that the account lives on."""
    access_token: SecretRef = Field(title=marked("Access token"))
    hashtags: tuple[Annotated[str, AfterValidator(_hashtag)], ...] = Field(
        default=(), title=marked("Hashtags to watch"), description="#acme, #acmetea"
    )
    """Watched beside the brand's keywords that begin with #."""
    visibility: Audience = Audience.PUBLIC
    """Of what we publish; a reply is never wider than what it answers."""
    timeout_seconds: float = Field(default=15.0, gt=0, le=120)
    """For one request."""
