"""What has to be known to connect an account, and what a network says of whoever wants to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.model.account import Account
from bot.model.ids import Moment, NetworkName
from bot.model.network import Capabilities, Identity


class QuestionKind(StrEnum):
    TEXT = "text"
    ADDRESS = "address"
    """A whole address that begins with https:// or http://."""
    WORDS = "words"
    """Several, with commas between them."""
    CHOICE = "choice"
    SEALED = "sealed"
    """A secret: sealed once the network has accepted it, and never shown again."""


@dataclass(frozen=True, slots=True)
class Question:
    """One thing that a network's connector asks for; `name` is its key in the configuration."""

    name: str
    label: str
    help: str
    kind: QuestionKind
    is_needed: bool
    suggested: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Offer:
    """A network whose accounts can be connected."""

    network: NetworkName
    title: str
    about: str
    """One sentence on what it is."""
    steps: tuple[str, ...]
    """How one comes by what is asked for; sentences."""
    questions: tuple[Question, ...]
    has_hooks: bool = False
    """Whether it sends webhooks, for which the desk makes a secret."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody wants an account of a network to be connected, or to get a new token."""

    network: NetworkName
    answers: Mapping[str, str] = field(repr=False)
    """By the name of the question; secrets are among them."""
    account: str = ""
    """Slug of the account that gets a new token; empty for one that is new here."""


@dataclass(frozen=True, slots=True)
class Introduced:
    """What a network said to a wish: whose token it is, and what a line with it can do."""

    identity: Identity
    capabilities: Capabilities
    settings: Mapping[str, object]
    """The answers as the connector's settings, without secrets."""
    streams: bool
    """Whether the line can hold a connection open."""
    measures: bool = False
    """Whether it can count what people do with posts."""
    recalls: bool = False
    """Whether it can tell what was said before."""


@dataclass(frozen=True, slots=True)
class HookStanding:
    """The webhooks of an account that was connected in the console."""

    name: str
    """In `/hooks/{network}/{name}`."""
    since: Moment | None = None
    """When the first one came; None while it is waited for."""


@dataclass(frozen=True, slots=True)
class JoinedAccount:
    """An account that was connected in the console, as the store has it."""

    account: Account
    settings: Mapping[str, object]
    sealed: Mapping[str, str] = field(repr=False)
    """Sealed secrets by the name of their setting."""
    hook: HookStanding | None = None
    """None where its network sends no webhooks."""

    def context(self, name: str) -> str:
        """What a secret of it is sealed for."""
        return secret_key(self.account.brand_id, self.account.slug, name)


def secret_key(brand_id: int, slug: str, name: str) -> str:
    """Where a secret of an account is kept; a text that was moved elsewhere does not open."""
    return f"account:{brand_id}:{slug}:{name}"
