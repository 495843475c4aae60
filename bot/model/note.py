"""Notes: what the team says about an item to itself. A note never leaves the desk."""

from __future__ import annotations

from dataclasses import dataclass

from bot.model.ids import BrandId, ItemId, MemberId, Moment, NoteId


@dataclass(frozen=True, slots=True)
class Note:
    id: NoteId
    brand_id: BrandId
    item_id: ItemId
    member_id: MemberId
    text: str
    at: Moment
    origin: str = ""
    """Chat, channel and message of what somebody wrote below the card; empty for a form."""

    @property
    def first_line(self) -> str:
        return self.text.partition("\n")[0]


def channel_of(origin: str) -> str:
    """Chat and channel, as a fact of an event; empty for a form."""
    return ":".join(origin.split(":")[:2])
