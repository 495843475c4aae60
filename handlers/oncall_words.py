"""What people write about being on call, the same words in every chat.

    (nothing)                         who is on call now and next, and whom pages reach
    test                              a test page by every route to everybody
    override WHO until WHEN [WHICH]   somebody stands in, of a rotation where there are several
    expect until WHEN [WHY]           more than usual is to come

WHEN is 18:00, 2026-12-24 18:00, or a time from now: 4h, 2d. WHO is what the chat calls a person, or
a member's short name; the chat's own door knows which.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from enum import StrEnum

from bot.cards.incident_view import TITLES
from bot.cards.oncall_board import OnCallBoard, Reach
from bot.model import when
from bot.model.ids import Moment
from bot.speech.speech import Speech, marked
from handlers.moments import time_label

HOW = marked("Write: test, override WHO until WHEN, or expect until WHEN WHY.")
TIMES = marked("WHEN is 18:00, 2026-12-24 18:00, 4h or 2d.")
NOBODY = marked("Nobody is on call here: [oncall] in replydesk.toml has no policies.")
MOST = 40
"""People listed."""


class Verb(StrEnum):
    TEST = "test"
    OVERRIDE = "override"
    EXPECT = "expect"


@dataclass(frozen=True, slots=True)
class OnCallOrder:
    verb: Verb
    who: str = ""
    until: Moment = Moment(0)
    rest: str = ""
    """The rotation, or why a peak is expected."""


def read(words: Sequence[str], now: Moment, zone: tzinfo) -> OnCallOrder:
    """ValueError for what is none of these."""
    verb = Verb(words[0].lower())
    rest = list(words[1:])
    if verb is Verb.TEST:
        if rest:
            raise ValueError("a test takes nothing more")
        return OnCallOrder(verb)
    who = rest.pop(0) if verb is Verb.OVERRIDE and rest else ""
    if not rest or rest.pop(0).lower() != "until" or (verb is Verb.OVERRIDE and not who):
        raise ValueError("until when is missing")
    until, left = when.read(rest, now, zone)
    return OnCallOrder(verb, who, until, " ".join(left)[:200])


def how(speech: Speech) -> str:
    return f"{speech.say(HOW)} {speech.say(TIMES)}"


def listed(board: OnCallBoard | None, now: Moment, zone: tzinfo, speech: Speech) -> list[str]:
    """A line for each rotation, then one for each person."""
    if board is None:
        return [speech.say(NOBODY)]
    return [*_lines(board, now, zone, speech)]


def _lines(board: OnCallBoard, now: Moment, zone: tzinfo, speech: Speech) -> Iterator[str]:
    say = speech.say
    if board.firing:
        yield say("Incidents that nobody acknowledged: {count}.", count=board.firing)
    if board.peak_until is not None:
        at = time_label(board.peak_until, now, zone, speech)
        yield say("More than usual is expected until {when}.", when=at)
    for one in board.moved:
        yield say(
            "{title}: {borne} false pages a week borne, {asked} set",
            title=say(TITLES[one.kind]), borne=f"{one.borne:.2g}", asked=f"{one.asked:.2g}",
        )  # fmt: skip
    for turn in board.turns:
        at = time_label(turn.until, now, zone, speech)
        line = say("{rotation}: {name} until {when}, then {after}", rotation=turn.rotation,
                   name=turn.name, when=at, after=turn.after)  # fmt: skip
        yield f"{line} ({say('stands in')})" if turn.stands_in else line
    for reach in board.reaches[:MOST]:
        yield _reach(reach, now, zone, speech)


def _reach(reach: Reach, now: Moment, zone: tzinfo, speech: Speech) -> str:
    say = speech.say
    parts = [f"{route} ({time_label(at, now, zone, speech)})" for route, at in reach.proved]
    arrived = ", ".join(parts)
    says = (
        say("{name}: reached by {routes}", name=reach.name, routes=arrived)
        if reach.is_reachable
        else say("{name}: unreachable, no page ever arrived", name=reach.name)
    )
    failed = "; ".join(f"{route}: {why}" for route, why in reach.failed)
    return f"{says}. {failed}" if failed else f"{says}."
