"""Whether a comment needs a reply, by what the rules found in it: the reason why not, or None.

quiet words alone      thanks and reactions, nothing else
a few glad words       some of them in no pack, and none with which people want something
to friends             whom it tags below a post is spoken to, not we
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.model.triage import ESCALATED, Intent, Reason, Risk, Sentiment
from bot.services.cue_search import Hit
from bot.services.folded_text import FoldedText
from bot.services.lexicon import NOT_ALONE, CueKind, Quiet

MOST_TO_A_FRIEND = 8
"""Words to somebody who is tagged that want nothing of us."""
MOST_ASKED_OF_A_FRIEND = 5
MOST_OF_DELIGHT = 5
"""Words that are glad; more of them tell something."""
MOST_OF_THANKS = 7

_SERVICES = frozenset({Intent.DELIVERY, Intent.SERVICE})
PLEASANT = frozenset({Intent.PRAISE, Intent.THANKS, Intent.OTHER})


@dataclass(frozen=True, slots=True)
class Findings:
    """What the rules found, before it is weighed."""

    text: FoldedText
    hits: tuple[Hit, ...]
    private: tuple[Reason, ...]
    asks: bool
    to_friends: bool
    values: Mapping[CueKind, frozenset[str]]
    """Of the rules that spoke, by their kind."""


def reason_for_silence(
    found: Findings, risks: Sequence[Risk], intents: Sequence[Intent]
) -> Reason | None:
    """Why nobody need answer, or None."""
    text = found.text
    if not ESCALATED.isdisjoint(risks):
        return None
    if Intent.SPAM in intents:
        return Reason("any.spam", "")
    if found.asks:
        return _reason_to_ask_friends(found, risks, intents)
    if not text.words:
        return _reason_for_no_words(text)
    if not PLEASANT.issuperset(intents):
        is_thanks = _is_thanks_for(found, risks, intents)
        return Reason("any.delight", "") if is_thanks else None
    quiet = _quiet_hit(found)
    if quiet is not None:
        return Reason(quiet.rule.name, text.evidence(quiet.start, quiet.end))
    if Risk.ABUSE in risks:
        return Reason("any.abuse_only", "")
    if _is_to_friends(found, risks):
        return Reason("any.to_friends", "")
    return _reason_of_few_words(found, risks)


def _is_thanks_for(found: Findings, risks: Sequence[Risk], intents: Sequence[Intent]) -> bool:
    """`thanks for the quick delivery`: of what we do is spoken, and nothing else is."""
    thanks = [hit for hit in found.hits if Quiet.THANKS in hit.rule.values]
    if risks or not thanks or thanks[0].words.start > 0:
        return False
    is_good = found.values[CueKind.SENTIMENT] <= {Sentiment.POSITIVE}
    is_short = len(found.text.words) <= MOST_OF_THANKS
    is_of_us = (PLEASANT | _SERVICES).issuperset(intents)
    return is_good and is_short and is_of_us and not _matters(found, about=_SERVICES)


def _matters(found: Findings, about: frozenset[Intent] = frozenset()) -> bool:
    """Whether a word may want something, other than in a glad phrase or of what it is `about`."""
    meant = {
        place
        for hit in found.hits
        if _is_meant_gladly(hit) or not about.isdisjoint(hit.rule.values)
        for place in hit.words
    }
    matters = (hit for hit in found.hits if Quiet.MATTER in hit.rule.values)
    return any(not meant.issuperset(hit.words) for hit in matters)


def _reason_of_few_words(found: Findings, risks: Sequence[Risk]) -> Reason | None:
    """Little was said, it is glad, and no word of it is one with which people want something.

    That none is, is not enough: nobody lists all that people complain of in two or three words.
    """
    moods, words = found.values[CueKind.SENTIMENT], len(found.text.words)
    is_bad = risks or not moods.isdisjoint({Sentiment.NEGATIVE, Sentiment.MIXED})
    if is_bad or found.text.mentions or found.text.links or words > MOST_OF_DELIGHT:
        return None
    if _matters(found):
        return None
    glad = next((hit for hit in found.hits if _is_glad(hit)), None)
    if glad is None:
        return None
    return Reason("any.delight", found.text.evidence(glad.start, glad.end))


def _is_glad(hit: Hit) -> bool:
    """By a word, or by a sign that says nothing else."""
    if not hit.words:
        return Quiet.DELIGHT in hit.rule.values
    return not {Sentiment.POSITIVE, Intent.PRAISE, Quiet.THANKS}.isdisjoint(hit.rule.values)


def _is_meant_gladly(hit: Hit) -> bool:
    """Of a phrase such as `can't wait`."""
    return _is_glad(hit) or (_is_quiet(hit) and Quiet.FILLER not in hit.rule.values)


def _is_quiet(hit: Hit) -> bool:
    return hit.rule.kind is CueKind.QUIET and NOT_ALONE.isdisjoint(hit.rule.values)


def _is_to_friends(found: Findings, risks: Sequence[Risk]) -> bool:
    """A few words to somebody who is tagged, in which no rule hears a matter for us."""
    bad = Sentiment.NEGATIVE in found.values[CueKind.SENTIMENT]
    is_short = len(found.text.words) <= MOST_TO_A_FRIEND
    return found.to_friends and found.text.mentions > 0 and is_short and not (risks or bad)


def _reason_to_ask_friends(
    found: Findings, risks: Sequence[Risk], intents: Sequence[Intent]
) -> Reason | None:
    """What one asks a friend, in so few words that nothing else is asked."""
    is_alone = (PLEASANT | {Intent.QUESTION}).issuperset(intents)
    is_short = len(found.text.words) <= MOST_ASKED_OF_A_FRIEND
    if not (is_alone and is_short and _is_to_friends(found, risks)):
        return None
    asked = next((hit for hit in found.hits if Quiet.FRIEND in hit.rule.values), None)
    if asked is None:
        return Reason("any.to_friends", "")
    return Reason(asked.rule.name, found.text.evidence(asked.start, asked.end))


def _reason_for_no_words(text: FoldedText) -> Reason:
    if text.mentions:
        return Reason("any.tags_only", "")
    if text.links:
        return Reason("any.link_only", "")
    if text.folded.strip():
        return Reason("any.emoji_only", "")
    return Reason("any.empty", "")


def _quiet_hit(found: Findings) -> Hit | None:
    """The hit that names the quiet, when quiet words are all there is."""
    quiet = [hit for hit in found.hits if _is_quiet(hit)]
    covered = {place for hit in quiet for place in hit.words}
    if len(covered) < len(found.text.words):
        return None
    return next((hit for hit in quiet if Quiet.FILLER not in hit.rule.values), None)
