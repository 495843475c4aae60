"""What a person writes down to connect a Bluesky account."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from bot.model.account import SecretRef
from bot.speech.speech import marked
from integrations.bluesky.syntax import is_handle
from integrations.definition import ConnectorSettings


def _handle(value: str) -> str:
    bare = value.strip().removeprefix("@").lower()
    if not is_handle(bare):
        raise ValueError(
            "write the handle as Bluesky shows it under the name, for example brand.bsky.social"
        )
    return bare


def _address(value: str) -> str:
    bare = value.strip().rstrip("/")
    if bare and not bare.startswith(("https://", "http://")):
        raise ValueError("write a whole address that begins with https://")
    return bare


Handle = Annotated[str, AfterValidator(_handle)]
Address = Annotated[str, AfterValidator(_address)]


class BlueskySettings(ConnectorSettings):
    """One account. The app password is made under Settings > Privacy and security."""

    handle: Handle = Field(title=marked("Handle"), description="brand.bsky.social")
    app_password: SecretRef = Field(
        title=marked("App password"), description=marked("never the account’s main password")
    )
    service: Address = Field(default="https://bsky.social", title=marked("Server"))
    """Where the account logs in: the entryway, or a server of one's own."""
    pds: Address = ""
    """The account's data server; empty takes it from the account's DID document."""
    app: Address = "https://bsky.app"
    """The web app that permalinks lead to."""
    timeout_seconds: float = Field(default=15.0, gt=0, le=120)
    """Seconds for one request."""
