"""The planned posts of the coming week that wait for somebody's yes, one at a time."""

from __future__ import annotations

from dataclasses import dataclass

from bot.cards.card import Card
from bot.model.ids import PostId
from bot.speech.speech import ENGLISH, Speech

NONE = PostId(0)


@dataclass(frozen=True, slots=True)
class WeekQuery:
    """The post `near`, or what comes in its place once it waits no more; `NONE` is the first.

    `step` 1 goes on from there and -1 goes back, round and round. `total` is how many there were
    when the reader began.
    """

    near: PostId = NONE
    step: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class WeekPage:
    """`card` None: nothing waits for the reader, or they are nobody's approver (`refusal`)."""

    card: Card | None = None
    left: int = 0
    total: int = 0
    zone: str = "UTC"
    refusal: str = ""
    speech: Speech = ENGLISH

    @property
    def near(self) -> PostId:
        return NONE if self.card is None else PostId(self.card.number)

    @property
    def says(self) -> str:
        """How far they are."""
        if self.card is None:
            nothing = "No post of the coming week waits for your yes."
            return self.refusal or self.speech.say(nothing)
        return self.speech.say("{count} of {total} left", count=self.left, total=self.total)
