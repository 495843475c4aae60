"""Staff: who they are in each chat and what they may do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.model.ids import BrandId, MemberId


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
class Member:
    id: MemberId
    brand_id: BrandId
    slug: str
    name: str
    role: Role
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class ChatIdentity:
    """Who clicks, as a chat knows them: the chat's own user id, never a display name."""

    chat: str
    """`console`, `slack` or `telegram`."""
    user: str
    """For the console this is the member's slug."""
