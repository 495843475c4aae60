"""What an account on the sandbox network needs in the configuration."""

from __future__ import annotations

from pydantic import Field

from bot.model.account import SecretRef
from bot.speech.speech import marked
from integrations.definition import ConnectorSettings


class SandboxSettings(ConnectorSettings):
    base_url: str = Field(
        title=marked("Address of its API"), description="http://127.0.0.1:8080/sandbox/api"
    )
    """The API, for example http://127.0.0.1:8080/sandbox/api."""
    token: SecretRef = Field(title=marked("Token"))
    hook_secret: SecretRef | None = None
    """Signs webhooks; without it they are refused and polling alone brings news."""
    has_idempotency_keys: bool = True
    """Whether this sandbox honours Idempotency-Key; else replies are read back by text."""
    can_be_read_back: bool = True
    """Whether this sandbox shows what we wrote; else only a person can look."""
    settle_seconds: float = Field(default=0.0, ge=0, le=600)
    """How late its listings may be: what is not listed is absent only after so long."""
    poll_seconds: int = Field(default=10, ge=1, le=3600)
    timeout_seconds: float = Field(default=10.0, gt=0, le=60)
