"""How far a post goes, in words: on the cards of what is written below it, and in their history."""

from __future__ import annotations

from collections.abc import Iterator

from bot.cards.card import Bold, Spans, Text, woven
from bot.detection.outlook import Outlook
from bot.model.engagement import Engagement
from bot.model.ids import MINUTE, Moment
from bot.speech.speech import Speech


def spread_line(speech: Speech, engagement: Engagement, now: Moment) -> Spans:
    """One line; nothing where nothing can be told."""
    expected = engagement.told(now)
    if expected is None:
        return ()
    return woven(
        speech.say("Its post: already {already}, likely {likely} ({low} to {high})"),
        already=Bold(str(engagement.reactions.total)),
        likely=Bold(str(expected.likely)),
        low=Text(str(expected.low)),
        high=Text(str(expected.high)),
    )


def reasons(speech: Speech, engagement: Engagement, now: Moment) -> Iterator[str]:
    """Sentences for whoever asks why."""
    expected, seen, say = engagement.told(now), engagement.reactions, speech.say
    if expected is None:
        return
    yield say(
        "Its post had {likes} likes, {shares} shares and {replies} replies after {minutes} min",
        likes=seen.likes,
        shares=seen.shares,
        replies=seen.replies,
        minutes=(engagement.looked_at - seen.published_at) // MINUTE,
    )
    yield say(
        "It likely ends at {likely}, four times out of five between {low} and {high}; the chance "
        "that it at least doubles is {chance}",
        likely=expected.likely,
        low=expected.low,
        high=expected.high,
        chance=f"{round(100 * expected.doubles)} %",
    )
    yield _compared(speech, expected)


def _compared(speech: Speech, expected: Outlook) -> str:
    if expected.pace is None:
        return speech.say("Nothing is known yet of how far earlier posts of this account went")
    return speech.say(
        "It is further already than {share} of the account's earlier posts ended",
        share=f"{round(100 * expected.pace)} %",
    )
