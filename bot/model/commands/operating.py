"""How the desk runs: pauses, live or watch-only, work that was given up, practice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bot.model.commands.items import OnCard
from bot.model.hold import HoldKind


@dataclass(frozen=True, slots=True)
class Pause:
    kinds: tuple[HoldKind, ...]
    account: str | None = None
    """Slug of one account, or None for the whole brand."""
    reason: str = ""
    is_sure: bool = True
    """Otherwise a card says what it would hold and asks; the outcome's `note` is its token."""


@dataclass(frozen=True, slots=True)
class Unpause:
    kinds: tuple[HoldKind, ...]
    account: str | None = None
    is_sure: bool = True
    """Otherwise a card says what it would let go and asks; the outcome's `note` is its token."""


@dataclass(frozen=True, slots=True)
class GoAhead(OnCard):
    """Yes to the pause, or to its end, that a card asks about."""


@dataclass(frozen=True, slots=True)
class NotNow(OnCard):
    """No to it."""


@dataclass(frozen=True, slots=True)
class GoLive:
    account: str


@dataclass(frozen=True, slots=True)
class WatchOnly:
    account: str


@dataclass(frozen=True, slots=True)
class Shadow:
    """What is approved from now on is recorded and never sent."""

    account: str


@dataclass(frozen=True, slots=True)
class SetTokenEnd:
    """From `day` on (UTC) the network takes the account's token no more; None forgets it."""

    account: str
    day: date | None


@dataclass(frozen=True, slots=True)
class RetryWork:
    due_id: int


@dataclass(frozen=True, slots=True)
class DiscardWork:
    due_id: int


@dataclass(frozen=True, slots=True)
class BeginPractice:
    """One marked comment that is nobody's: in a channel of a chat, or in the console alone.

    The outcome's `note` is the token of its card.
    """

    chat: str = ""
    channel: str = ""
    topic: str = ""


@dataclass(frozen=True, slots=True)
class WriteReply:
    """A saved reply, new or in place of the one of this name in this language (ISO 639-1)."""

    name: str
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class DropReply:
    """A saved reply is offered no more."""

    reply: int
