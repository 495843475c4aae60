"""What a Mastodon server says, leaf by leaf (https://docs.joinmastodon.org/entities/).

Ids are strings and nothing more: Mastodon's look like numbers, GoToSocial's are ULIDs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from bot.errors import UnexpectedResponse
from integrations.wire import Answer

Raw = Mapping[str, Any]


class Entity(BaseModel):
    model_config = ConfigDict(frozen=True)


class Account(Entity):
    id: str = Field(min_length=1)
    acct: str
    """`name` for people of our own server, `name@host` for all others."""
    display_name: str = ""
    url: str | None = None
    followers_count: int | None = None


class NamedPerson(Entity):
    """Somebody whom a status names."""

    id: str
    acct: str
    url: str = ""


class Attachment(Entity):
    id: str = Field(min_length=1)
    type: str = "unknown"
    url: str | None = None
    """Null while the server is still processing it."""
    preview_url: str | None = None
    description: str | None = None


class Status(Entity):
    id: str = Field(min_length=1)
    created_at: AwareDatetime
    account: Account
    content: str
    """HTML."""
    visibility: str
    uri: str = ""
    url: str | None = None
    spoiler_text: str = ""
    sensitive: bool = False
    language: str | None = None
    in_reply_to_id: str | None = None
    in_reply_to_account_id: str | None = None
    mentions: tuple[NamedPerson, ...] = ()
    media_attachments: tuple[Attachment, ...] = ()
    reblog: Any = None
    favourites_count: int = 0
    reblogs_count: int = 0
    replies_count: int = 0


class Notice(Entity):
    """A notification; `status` is there for those about a status."""

    id: str
    type: str
    status: Any = None


class Context(Entity):
    ancestors: tuple[Any, ...]
    descendants: tuple[Any, ...]


class Source(Entity):
    """A status as it was typed."""

    id: str
    text: str


class StatusLimits(Entity):
    max_characters: int = Field(default=500, gt=0)
    characters_reserved_per_url: int = Field(default=23, ge=0)
    max_media_attachments: int = Field(default=4, ge=0)


class MediaLimits(Entity):
    image_size_limit: int = Field(default=16 * 1024 * 1024, gt=0)
    supported_mime_types: tuple[str, ...] = ()


class Addresses(Entity):
    streaming: str | None = None


class Configuration(Entity):
    urls: Addresses = Addresses()
    statuses: StatusLimits = StatusLimits()
    media_attachments: MediaLimits = MediaLimits()


class Instance(Entity):
    """`GET /api/v2/instance`; the defaults are Mastodon's own."""

    domain: str = ""
    configuration: Configuration = Configuration()


E = TypeVar("E", bound=Entity)


def entity(answer: Answer, kind: type[E]) -> E:
    """A complete answer as one entity; UnexpectedResponse when it is something else."""
    try:
        return kind.model_validate(answer.json())
    except ValidationError as error:
        raise UnexpectedResponse(
            "The Mastodon server answered with something that its documents do not describe; "
            "the piece is kept for the people who maintain the connector.",
            payload=answer.excerpt(),
        ) from error


def rows(answer: Answer) -> tuple[Any, ...]:
    """A complete answer as a list; whoever reads says what each row is."""
    body = answer.json()
    if not isinstance(body, list):
        raise UnexpectedResponse(
            "The Mastodon server answered with something else than a list.",
            payload=answer.excerpt(),
        )
    return tuple(body)
