"""Planned posts and their forms for each network."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.model.ids import AccountId, BrandId, MemberId, Moment, PostId, VariantId
from bot.model.media import OwnMedia
from bot.model.states import StateMachine


class PostState(StrEnum):
    DRAFT = "draft"
    """Written, or sent back with a request for changes."""
    WAITING = "waiting"
    """Waits for approval."""
    APPROVED = "approved"
    """Every variant is on its way or out; the publications tell how far."""
    CANCELLED = "cancelled"


POST_MACHINE: StateMachine[PostState] = StateMachine(
    "post",
    {
        PostState.DRAFT: frozenset({PostState.WAITING, PostState.CANCELLED}),
        PostState.WAITING: frozenset({PostState.DRAFT, PostState.APPROVED, PostState.CANCELLED}),
        PostState.APPROVED: frozenset({PostState.WAITING, PostState.CANCELLED}),
        PostState.CANCELLED: frozenset(),
    },
)


@dataclass(frozen=True, slots=True)
class PostVariant:
    """A post's form for one account; its own text where the network needs another."""

    id: VariantId
    post_id: PostId
    account_id: AccountId
    text: str
    before: str = ""
    """What it said when changes were asked for that this version answers."""


@dataclass(frozen=True, slots=True)
class Post:
    """`revision` grows with every edit of text, pictures or variants; approvals name it by hash."""

    id: PostId
    brand_id: BrandId
    author_id: MemberId
    state: PostState
    revision: int
    slot: Moment | None
    """When to publish; None means at once after approval."""
    expires_at: Moment | None
    """Never publish after this; None means one hour after the slot."""
    created_at: Moment
    media: tuple[OwnMedia, ...] = ()
    variants: tuple[PostVariant, ...] = ()
    requested_changes: str = ""
    answers: str = ""
    """The changes that were asked for, once somebody made them."""

    @property
    def undescribed(self) -> int | None:
        """The number of the first picture that nobody has described; it waits for the words."""
        bare = (place for place, one in enumerate(self.media, 1) if not one.alt_text.strip())
        return next(bare, None)
