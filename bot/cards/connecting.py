"""The Connect page: what can be connected, and what a network said to a token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.model.commands import Outcome
from bot.model.joining import Offer, Question
from bot.speech.speech import ENGLISH, Speech


@dataclass(frozen=True, slots=True)
class ConnectQuery:
    """May the reader connect accounts, channels and people? And how one account is set."""

    account: str = ""
    """Slug of the account whose settings are wanted, if any."""


@dataclass(frozen=True, slots=True)
class ChatStanding:
    """A chat that was connected here; once it is disconnected its cards wait."""

    known_as: str
    is_connected: bool
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class ConnectPage:
    """`refusal` is a sentence that says who can, for everybody who cannot."""

    refusal: str = ""
    settings: Mapping[str, object] = field(default_factory=dict)
    """Of the account that was asked for, should it have been connected here; without secrets."""
    chats: Mapping[str, ChatStanding] = field(default_factory=dict)
    """By name, those that were connected here."""
    speech: Speech = ENGLISH


@dataclass(frozen=True, slots=True)
class JoiningPage:
    """`key_trouble` is None where tokens can be sealed; else why not, empty where a key can be
    made.
    """

    offers: tuple[Offer, ...] = ()
    key_trouble: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Whose token it is, and what it can and cannot do there."""

    name: str
    remote_id: str
    url: str
    can: tuple[str, ...]
    cannot: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Looked:
    """What came of asking a network; the outcome's `note` is the account's slug."""

    outcome: Outcome
    problems: Mapping[str, str] = field(default_factory=dict)
    """By question."""
    found: Found | None = None


@dataclass(frozen=True, slots=True)
class ChatOffer:
    """A chat of the team: how it is connected, and what its app is made from."""

    name: str
    title: str
    is_named: bool
    """Whether the configuration says where its tokens are."""
    manifest: str = ""
    """To be pasted where the chat's app is made; empty where nothing is."""
    example: str = ""
    """How the chat's own id of a channel looks."""
    questions: tuple[Question, ...] = ()
    """The tokens that it asks for."""
