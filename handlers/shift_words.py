"""What people write about shifts, the same words in every chat: `start`, `end`, or nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import tzinfo

from bot.cards.pages import LeftLine, MemberRow
from bot.model.commands import EndShift, StartShift
from bot.model.ids import Moment
from bot.speech.speech import Speech, marked
from handlers.moments import time_label
from handlers.team_words import known_as

HOW = marked("Write: shift start, or shift end.")
NOBODY = marked("Nobody is on shift, and no plan says when.")


def read(words: str) -> StartShift | EndShift:
    """ValueError for what is neither."""
    match words.split():
        case [verb] if verb.lower() == "start":
            return StartShift()
        case [verb] if verb.lower() == "end":
            return EndShift()
        case _:
            raise ValueError(words)


def how(speech: Speech) -> str:
    return speech.say(HOW)


def listed(members: Sequence[MemberRow], now: Moment, zone: tzinfo, speech: Speech) -> list[str]:
    """Who is on shift, until when, then who comes next."""
    on = [one for one in members if one.shift_until is not None]
    lines = [*_on(on, now, zone, speech), *_next(members, now, zone, speech)]
    return lines or [speech.say(NOBODY)]


def left(
    lines: Sequence[LeftLine], now: Moment, zone: tzinfo, speech: Speech
) -> list[tuple[str, str]]:
    """What somebody would leave: the token of its card, and a line with its time."""
    return [(one.token, _timed(one, now, zone, speech)) for one in lines]


def _timed(one: LeftLine, now: Moment, zone: tzinfo, speech: Speech) -> str:
    if one.due_at is None:
        return one.says
    when = time_label(one.due_at, now, zone, speech)
    return speech.say("{what} (by {when})", what=one.says, when=when)


def _on(on: Sequence[MemberRow], now: Moment, zone: tzinfo, speech: Speech) -> Iterator[str]:
    for one in on:
        assert one.shift_until is not None
        until = time_label(one.shift_until, now, zone, speech)
        name = known_as(one, speech.say)
        yield speech.say("On shift: {name} until {when}", name=name, when=until)


def _next(members: Sequence[MemberRow], now: Moment, zone: tzinfo, speech: Speech) -> Iterator[str]:
    coming = [(one.shift_begins, one) for one in members if one.shift_begins is not None]
    for begins, one in sorted(coming, key=lambda pair: pair[0]):
        when = time_label(begins, now, zone, speech)
        yield speech.say("Next shift: {name} from {when}", name=one.name, when=when)
