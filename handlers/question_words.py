"""Asking: who can be asked, and by when an answer is wanted; what people choose from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from bot.cards.pages import DeskPage
from bot.model.question import DueBy, to_channel
from bot.speech.speech import marked
from handlers.team_words import Choice, choices

DUE_BY: Mapping[DueBy, str] = {
    DueBy.HOUR: marked("In 1 hour"),
    DueBy.HOURS: marked("In 4 hours"),
    DueBy.TODAY: marked("End of the business day"),
    DueBy.TOMORROW: marked("This time tomorrow"),
}


def askable(
    desk: DeskPage, say: Callable[[str], str], first: Sequence[str] = ()
) -> tuple[Choice, ...]:
    """The team, viewers too, then the channels in which the desk can write; `first` before all."""
    channels = (
        Choice(to_channel(one.slug), f"#{one.title.removeprefix('#')}")
        for one in desk.channels
        if one.slug
    )
    listed = (*choices(desk.members, say), *channels)
    return (
        *(one for one in listed if one.to in first),
        *(one for one in listed if one.to not in first),
    )
