"""Questions about an item to a colleague or to a channel: asked, then answered or withdrawn.

    waiting --the asked one answers--> answered
       '-----the asker withdraws-----> withdrawn

An answer is a private note and something that the drafter knows. It is never a reply.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.model.business_hours import BusinessHours
from bot.model.ids import HOUR, BrandId, ChannelId, ItemId, MemberId, Moment, QuestionId

_AHEAD: Mapping[str, int] = {"1h": HOUR, "4h": 4 * HOUR, "1d": 24 * HOUR}


class DueBy(StrEnum):
    """By when an answer is wanted."""

    HOUR = "1h"
    HOURS = "4h"
    TODAY = "eod"
    """The end of the business day, of the next one once it is over."""
    TOMORROW = "1d"

    def moment(self, now: Moment, hours: BusinessHours) -> Moment:
        if self is DueBy.TODAY:
            return hours.closes(now)
        return Moment(now + _AHEAD[self.value])


_CHANNEL = "#"


def to_channel(slug: str) -> str:
    """How a command names a channel among those who can be asked; a member by the slug alone."""
    return f"{_CHANNEL}{slug}"


def channel_slug(to: str) -> str | None:
    """None where a member is named."""
    return to.removeprefix(_CHANNEL) if to.startswith(_CHANNEL) else None


class QuestionState(StrEnum):
    WAITING = "waiting"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Question:
    id: QuestionId
    brand_id: BrandId
    item_id: ItemId
    asker_id: MemberId
    asked_id: MemberId | None
    """None for one that was asked of whoever reads a channel."""
    text: str
    asked_at: Moment
    due_at: Moment
    state: QuestionState = QuestionState.WAITING
    is_late: bool = False
    """Its time passed without an answer, and both were told."""
    answer: str = ""
    answered_by: MemberId | None = None
    answered_at: Moment | None = None
    channel_id: ChannelId | None = None
    """Where it was asked of whoever reads it."""
