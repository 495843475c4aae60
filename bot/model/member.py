"""Staff: who they are in each chat and what they may do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.model.ids import BrandId, MemberId, Moment
from bot.model.pace import AT_ONCE, Pace

OPEN_END: Final = Moment(2**53)
"""Away until they say otherwise."""


class Role(StrEnum):
    """Each includes those before it."""

    VIEWER = "viewer"
    AGENT = "agent"
    APPROVER = "approver"
    MANAGER = "manager"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        return list(Role).index(self)

    def includes(self, other: Role) -> bool:
        return self.rank >= other.rank


@dataclass(frozen=True, slots=True)
class Tongue:
    """How the desk speaks to somebody, and what they read without it."""

    language: str = "en"
    """ISO 639-1; one that the desk speaks."""
    zone: str = ""
    """IANA; empty is the brand's."""
    reads: tuple[str, ...] = ()
    """ISO 639-1, besides `language`; empty is not known."""

    def understands(self, language: str) -> bool:
        """Also what nobody knows the language of, and everything while it is not known."""
        known = not self.reads or language in {"und", self.language}
        return known or language in self.reads


ENGLISH_TONGUE = Tongue()


@dataclass(frozen=True, slots=True)
class Member:
    id: MemberId
    brand_id: BrandId
    slug: str
    name: str
    role: Role
    is_active: bool = True
    tongue: Tongue = ENGLISH_TONGUE
    is_named: bool = True
    """By the configuration; whom it does not name was added from a chat or the console."""
    away_until: Moment | None = None
    """None, or a moment that has passed: they are here."""
    pace: Pace = AT_ONCE
    """When they are told in a direct message what waits for them, and when nobody mentions them."""

    def is_away(self, now: Moment) -> bool:
        return self.away_until is not None and now < self.away_until


@dataclass(frozen=True, slots=True)
class ChatIdentity:
    """Who clicks, as a chat knows them: the chat's own user id, never a display name."""

    chat: str
    """`console`, `slack` or `telegram`."""
    user: str
    """For the console this is the member's slug."""
