"""When the message of a card may be posted in a channel.

What a person asked for, what is legal, safety or a crisis, and an incident that is grave enough
wait for nothing. A digest waits for its time, what else tells something for the end of the
channel's quiet hours; and what has nothing to tell any more by then is not posted.
"""

from __future__ import annotations

from bot.cards.facts import (
    GoalFacts,
    IncidentFacts,
    PeakFacts,
    PostFacts,
    QuestionFacts,
    QuietFacts,
)
from bot.model.channel import Channel
from bot.model.ids import Moment
from bot.model.peak import RollKind
from bot.services.cardboard import Facts


def posted_at(channel: Channel, facts: Facts, now: Moment) -> Moment | None:
    """`now`, a later moment, or None where there is nothing to tell."""
    match facts:
        case GoalFacts():
            return _rolling(channel, facts, now)
        case IncidentFacts():
            quiet = channel.pace.quiet
            return now if quiet is None else quiet.waits_until(facts.incident.severity, now)
        case PostFacts() | QuestionFacts() | PeakFacts() | QuietFacts():
            return channel.pace.awake_at(now)
        case _:
            return now


def _rolling(channel: Channel, facts: GoalFacts, now: Moment) -> Moment | None:
    is_answered = facts.peak.rolling.kind is RollKind.ASKED and facts.peak.ended_at is not None
    if not facts.waiting or is_answered:
        return None
    if facts.peak.rolling.kind is RollKind.DIGEST:
        return max(now, facts.peak.started_at)
    return channel.pace.awake_at(now)
