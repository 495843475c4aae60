"""Planned posts and their pictures."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.model.commands.items import OnCard
from bot.model.ids import MediaHash, Moment


@dataclass(frozen=True, slots=True)
class VariantText:
    account: str
    """Slug of the account."""
    text: str


@dataclass(frozen=True, slots=True)
class PictureRef:
    hash: MediaHash
    alt_text: str


@dataclass(frozen=True, slots=True)
class ComposePost:
    """A new post that waits for approval; `slot` None publishes at once when approved."""

    variants: tuple[VariantText, ...]
    slot: Moment | None = None
    pictures: tuple[PictureRef, ...] = ()


@dataclass(frozen=True, slots=True)
class EditPost(OnCard):
    """Replaces texts, pictures and slot; an approval of the old words is void."""

    variants: tuple[VariantText, ...]
    slot: Moment | None = None
    pictures: tuple[PictureRef, ...] = ()


@dataclass(frozen=True, slots=True)
class RequestChanges(OnCard):
    reason: str


@dataclass(frozen=True, slots=True)
class CancelPost(OnCard):
    pass


@dataclass(frozen=True, slots=True)
class AddPicture:
    """Stores a picture of ours; the outcome's `note` is its hash."""

    content_type: str
    data: bytes = field(repr=False)
