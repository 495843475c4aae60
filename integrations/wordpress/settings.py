"""What a team writes down to watch the comments of one WordPress site."""

from __future__ import annotations

from pydantic import Field, HttpUrl

from bot.model.account import SecretRef
from bot.speech.speech import marked
from integrations.definition import ConnectorSettings


class WordPressSettings(ConnectorSettings):
    url: HttpUrl = Field(
        title=marked("Address of the site"), description="https://blog.example.com"
    )
    """Where the site is, as its settings name it: `https://blog.example.com`."""
    user: str = Field(min_length=1, title=marked("User who replies"))
    """The WordPress user that replies; an Editor, so that it may moderate."""
    application_password: SecretRef = Field(title=marked("Application password"))
    """Made in Users > Profile > Application Passwords; not the password for signing in."""
    timeout_seconds: float = Field(default=15.0, gt=0, le=60)
