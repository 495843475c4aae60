"""Practice: items that are nobody's, on which a team tries what it does every day."""

from __future__ import annotations

from dataclasses import dataclass

from bot.model.ids import CardId, ChannelId, ItemId, MemberId, Moment


@dataclass(frozen=True, slots=True)
class Practice:
    """`channel_id` None: in the console alone."""

    item_id: ItemId
    card_id: CardId
    channel_id: ChannelId | None
    member_id: MemberId
    begun_at: Moment


@dataclass(frozen=True, slots=True)
class LastYes:
    """What let a reply leave: who said it, to which version, when."""

    name: str
    version: int
    at: Moment
