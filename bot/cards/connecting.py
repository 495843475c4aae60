"""The Connect page: what can be connected, and what a network said to a token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.model.commands import Outcome
from bot.model.ids import Moment
from bot.model.joining import HookStanding, Offer, Question
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
    is_called: bool = False
    """Whether it calls the desk at its address, instead of being listened to."""
    called_at: Moment | None = None
    """When it called first."""


@dataclass(frozen=True, slots=True)
class ConnectPage:
    """`refusal` is a sentence that says who can, for everybody who cannot."""

    refusal: str = ""
    settings: Mapping[str, object] = field(default_factory=dict)
    """Of the account that was asked for, should it have been connected here; without secrets."""
    hook: HookStanding | None = None
    """Its webhooks, should its network send any."""
    hook_path: str = ""
    """Where they come to, below the desk's address."""
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
    address: str = ""
    """Where the desk is found, without a slash at the end."""
    is_public: bool = False
    """Whether others than this machine find it there."""


@dataclass(frozen=True, slots=True)
class Found:
    """Whose token it is, and what it can and cannot do there."""

    name: str
    remote_id: str
    url: str
    can: tuple[str, ...]
    cannot: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NewHook:
    """What is written down at the network for its webhooks; the secret is told this once."""

    address: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Looked:
    """What came of asking a network; the outcome's `note` is the account's slug."""

    outcome: Outcome
    problems: Mapping[str, str] = field(default_factory=dict)
    """By question."""
    found: Found | None = None
    hook: NewHook | None = None
    """Of what was connected, should its network send webhooks and none have come yet."""


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
    address: str = ""
    """Where it may call the desk; empty where it cannot."""
    manifest_called: str = ""
    """As `manifest`, for an app that calls the desk there."""
