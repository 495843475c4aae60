"""What is connected, what lands where, and who belongs to the team."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.model.channel import Route, Shows
from bot.model.ids import Moment, NetworkName
from bot.model.joining import Introduced
from bot.model.member import Role
from bot.model.team_chat import ChatIntroduced


@dataclass(frozen=True, slots=True)
class SetUpChannel:
    """What is to land in a channel of a chat, by the chat's own id; `topic` '' is all of it."""

    chat: str
    channel: str
    topic: str
    title: str
    route: Route
    shows: frozenset[Shows] = frozenset(Shows)


@dataclass(frozen=True, slots=True)
class TryAccount:
    """Ask a network whose token somebody has; the outcome's `note` is the account's slug."""

    network: NetworkName
    account: str = ""
    """Slug of the account that is to get a new token; empty for a new account."""


@dataclass(frozen=True, slots=True)
class JoinAccount:
    """Connect an account that its network has introduced, or give it a new token."""

    slug: str
    introduced: Introduced
    sealed: tuple[tuple[str, str], ...] = field(repr=False)
    """(setting, sealed secret)."""
    hook: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """The same of the secret that proves webhooks, which the desk made; none without them."""


@dataclass(frozen=True, slots=True)
class DisconnectAccount:
    account: str


@dataclass(frozen=True, slots=True)
class TryChat:
    """Ask a chat whose tokens somebody has."""

    chat: str


@dataclass(frozen=True, slots=True)
class JoinChat:
    """Connect a chat that has said whose tokens it was given, or give it new ones."""

    chat: str
    introduced: ChatIntroduced
    sealed: tuple[tuple[str, str], ...] = field(repr=False)
    """(setting, sealed token)."""


@dataclass(frozen=True, slots=True)
class DisconnectChat:
    chat: str


@dataclass(frozen=True, slots=True)
class GreetChannel:
    """Send a test card to a place of a chat."""

    chat: str
    channel: str
    topic: str = ""


@dataclass(frozen=True, slots=True)
class MakeKey:
    """Make the key that stored secrets are sealed with."""


@dataclass(frozen=True, slots=True)
class AddMember:
    """A person of the chat that it comes from, by the chat's own id of them.

    Without a `user` they are known in the console alone, until they link a chat.
    """

    name: str
    role: Role
    user: str = ""


@dataclass(frozen=True, slots=True)
class ChangeRole:
    member: str
    """Slug of the member."""
    role: Role


@dataclass(frozen=True, slots=True)
class SuspendMember:
    member: str
    """Slug of the member."""


@dataclass(frozen=True, slots=True)
class InviteMember:
    """A link into the console for somebody whom an admin added; in the outcome's `once`."""

    member: str
    """Slug of the member."""


@dataclass(frozen=True, slots=True)
class WriteToMe:
    """Whether what waits for their yes comes to them alone too, in the chat where they say it."""

    wanted: bool


@dataclass(frozen=True, slots=True)
class GoAway:
    """Cards go back to the queue, and none is given to them; None is until they are back."""

    until: Moment | None = None


@dataclass(frozen=True, slots=True)
class ComeBack:
    """Whoever was away is here."""


@dataclass(frozen=True, slots=True)
class StartShift:
    """Whoever says so works from now on."""


@dataclass(frozen=True, slots=True)
class EndShift:
    """They work no more, until the plan or they themselves say so."""


@dataclass(frozen=True, slots=True)
class HandOver:
    """The hand-over card now, in a channel of a chat, else where the end of a shift puts it."""

    chat: str = ""
    channel: str = ""
    topic: str = ""


@dataclass(frozen=True, slots=True)
class MakeLinkCode:
    """Asks for a code with which its maker says who they are in another chat."""


@dataclass(frozen=True, slots=True)
class UseLinkCode:
    """Whoever gives it is its maker from now on, here too; anybody may try."""

    code: str = field(repr=False)
