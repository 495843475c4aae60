"""Brands and the accounts they own on networks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.model.ids import AccountId, BrandId, Moment, NetworkName, RemoteId


@dataclass(frozen=True, slots=True)
class SecretRef:
    """Where a secret is kept: the name of an environment variable, a file, or the vault.

    Exactly one of `env`, `file` and `vault` is set. The secret itself is never in a model.
    """

    env: str | None = None
    file: str | None = None
    vault: str | None = None

    def __str__(self) -> str:
        if self.env:
            return f"environment variable {self.env}"
        return f"file {self.file}" if self.file else f"vault entry {self.vault}"


PRACTICE = NetworkName("practice")
"""The network of a brand's practice account: it ends in this process, so nothing can leave."""
PRACTICE_SLUG = "(practice)"
"""No slug that a configuration may have (docs/adr/0027)."""


class AccountState(StrEnum):
    LIVE = "live"
    WATCH_ONLY = "watch_only"
    """Items are read and drafts are made; nothing can leave."""
    SHADOW = "shadow"
    """As live, but at the last commit what was approved is recorded instead of sent."""
    PAUSED = "paused"
    """The network refused our token; a person must renew it."""
    SUSPENDED = "suspended"
    """No longer in the configuration; kept, but neither read nor written."""


@dataclass(frozen=True, slots=True)
class Brand:
    id: BrandId
    slug: str
    name: str
    languages: tuple[str, ...] = ("en",)
    """ISO 639-1 codes that the brand's audience writes in, most frequent first."""
    zone: str = "UTC"
    voice: str = ""
    """How the brand speaks, in the team's words; goes into every prompt."""


@dataclass(frozen=True, slots=True)
class Account:
    """One brand identity on one network that we watch."""

    id: AccountId
    brand_id: BrandId
    slug: str
    network: NetworkName
    name: str
    """As people see it, for example `@acme.test`; empty until first verified."""
    state: AccountState
    remote_id: RemoteId | None = None
    """Who we are on the network; None until first verified."""
    trouble: str = ""
    """A sentence for the team while something is wrong, otherwise empty."""
    last_heard_at: Moment | None = None
    """When a fetch or a hook last succeeded."""
    from_file: bool = True
    """Named in the configuration; else connected in the console."""
    is_shadow: bool = False
    """In shadow, or paused and in shadow again once it is resumed."""
    is_watch_only: bool = False
    """The same of watch-only."""
    token_ends_at: Moment | None = None
    """When its network will take the token no more, as far as the team said."""

    @property
    def lets_nothing_leave(self) -> bool:
        return self.is_watch_only or self.is_shadow

    @property
    def is_practice(self) -> bool:
        return self.network == PRACTICE
