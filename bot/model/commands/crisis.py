"""Crisis mode, its holding statements and its updates for stakeholders."""

from __future__ import annotations

from dataclasses import dataclass

from bot.model.commands.items import OnCard
from bot.model.crisis import Level
from bot.model.hold import HeldVerb
from bot.model.ids import CardToken


@dataclass(frozen=True, slots=True)
class ProposeCrisis:
    """Show what crisis mode would hold, in a channel of a chat, and ask once."""

    reason: str = ""
    level: Level | None = None
    """What approvals are to ask for; None is the strictest that the team can satisfy."""
    chat: str = ""
    channel: str = ""
    topic: str = ""


@dataclass(frozen=True, slots=True)
class StartCrisis(OnCard):
    pass


@dataclass(frozen=True, slots=True)
class DropCrisis(OnCard):
    """Not now."""


@dataclass(frozen=True, slots=True)
class EndCrisis:
    """The one that is on; a `token` says whose card was pressed."""

    token: CardToken | None = None


@dataclass(frozen=True, slots=True)
class DecideHeld(OnCard):
    """What becomes of a post that a crisis or a pause held, once that is over."""

    post: int
    verb: HeldVerb
    when: str = ""
    """For `AT`, as people write a time to come: `bot.model.when`."""


@dataclass(frozen=True, slots=True)
class WriteStatement:
    """The next version of a holding statement, for somebody else to approve."""

    name: str
    language: str
    """ISO 639-1."""
    text: str
    days: int = 30
    """After which it expires."""
    chat: str = ""
    channel: str = ""
    topic: str = ""


@dataclass(frozen=True, slots=True)
class ReviseStatement(OnCard):
    text: str


@dataclass(frozen=True, slots=True)
class RetireStatement(OnCard):
    pass


@dataclass(frozen=True, slots=True)
class UseStatement(OnCard):
    """A holding statement becomes the item's next draft."""

    statement: int


@dataclass(frozen=True, slots=True)
class ScheduleUpdates:
    """How often an update for stakeholders is due, in milliseconds; 0 is never.

    A place is where updates go from now on.
    """

    every: int
    chat: str = ""
    channel: str = ""
    topic: str = ""


@dataclass(frozen=True, slots=True)
class SendUpdate(OnCard):
    text: str
