"""A chat of the team that an admin connects in the console: who it is, and how it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.model.ids import Moment


@dataclass(frozen=True, slots=True)
class ChatIntroduced:
    """What a chat said to somebody's tokens: whose they are, and what works with them."""

    remote_id: str
    """The chat's own id of workspace and bot; a token of another bot is of another one."""
    name: str
    can: tuple[str, ...] = ()
    cannot: tuple[str, ...] = ()
    """Sentences, each with its reason."""
    is_called: bool = False
    """Whether it calls us at our address, instead of being listened to."""


@dataclass(frozen=True, slots=True)
class TeamChat:
    """A chat that was connected in the console, as the store has it."""

    chat: str
    remote_id: str
    name: str
    is_connected: bool
    """Whether it has tokens; without any its cards wait."""
    trouble: str = ""
    """Why its tokens cannot be used, though they are kept."""
    sealed: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Sealed tokens by the name of their setting."""
    is_called: bool = False
    """Whether it calls us at our address, instead of being listened to."""
    called_at: Moment | None = None
    """When it called first; None while that is waited for."""

    def context(self, name: str) -> str:
        """What a token of it is sealed for."""
        return chat_secret_key(self.chat, name)


def chat_secret_key(chat: str, name: str) -> str:
    """Where a token of a chat is kept; a text that was moved elsewhere does not open."""
    return f"chat:{chat}:{name}"
