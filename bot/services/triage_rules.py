"""Triage by cue rules: the same text gives the same answer, with the words that decided it.

The packs are tuned for recall on what must never be missed: the risks of every language are looked
for in every text, because a false alarm costs a glance and a missed allegation costs a crisis. A
long text is judged by its first `MOST_CHARACTERS` characters, so the cost is bounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from bot.model.triage import (
    ESCALATED,
    UNDETERMINED,
    Intent,
    LanguageCode,
    Reason,
    Risk,
    Sentiment,
    Triage,
    Urgency,
)
from bot.services.cue_search import Cue, CueIndex, Hit, every
from bot.services.folded_text import FoldedText, folded_text
from bot.services.language import Identifier, identify_language
from bot.services.lexicon import GAP, STEM, CueKind, CuePack, Phrase, Quiet, Rule
from bot.services.needs_reply import PLEASANT, Findings, reason_for_silence
from bot.services.private_data import private_spans
from bot.services.reason_words import LANGUAGE
from bot.services.slips import Slips

MOST_CHARACTERS = 4_000
FOREIGN_LETTERS = 7
"""A single word this long, or any longer phrase, is looked for in texts of other languages too."""

MOST_SLIPPED = 12
"""Words of a text in which slips are looked for: a longer one says more than a reaction."""
SHOWN_OF_PRIVATE = 4
"""Letters of a private number that a reason repeats."""

_SAYS_NO_HARM = frozenset({Risk.PRIVACY, Risk.PRESS})
"""Risks whose authors may be in any mood."""
_TROUBLES = (Intent.REFUND, Intent.BILLING, Intent.DELIVERY, Intent.PRODUCT, Intent.TECHNICAL)


class Triager:
    """Pure and deterministic."""

    def __init__(self, packs: Mapping[LanguageCode, CuePack], identifier: Identifier) -> None:
        self._identifier = identifier
        self._cues = CueIndex(_cues(packs.values()))
        self._own = {language: partial(_own_cues, f"{language}.") for language in packs}
        self._foreign = {language: partial(_loan_cues, f"{language}.") for language in packs}
        quiet = {language: set(_quiet_words(pack)) for language, pack in packs.items()}
        self._slips = {language: Slips(words) for language, words in quiet.items()}
        self._slips_of_every = Slips(word for words in quiet.values() for word in words)

    def triage(self, text: str, *, languages: Sequence[str], to_friends: bool = False) -> Triage:
        """`languages` are the codes that the brand reads.

        `to_friends`: it stands below a post, tags none of ours, and answers nobody.
        """
        seen = folded_text(text, MOST_CHARACTERS)
        readable = [LanguageCode(code) for code in languages]
        unmarked = seen.folded if seen.has_marks else ""
        language = identify_language(seen.spelled, readable, self._identifier, unmarked=unmarked)
        hits = self._hits(language, seen)
        found = Findings(
            text=seen,
            hits=hits,
            private=_private_reasons(seen.original),
            asks="?" in seen.folded or "\u061f" in seen.folded,
            to_friends=to_friends,
            values=_values(hits),
        )
        return _weighed(language, found)

    def _hits(self, language: LanguageCode, text: FoldedText) -> tuple[Hit, ...]:
        """Of words that no cue knows, what they were meant to be may make the text quiet."""
        hits = self._found(language, text)
        known = {place for hit in hits for place in hit.words}
        if len(text.words) > MOST_SLIPPED or len(known) == len(text.words):
            return hits
        slips = self._slips.get(language, self._slips_of_every)
        meant = tuple(
            word if place in known else word._replace(text=slips.meant(word.text))
            for place, word in enumerate(text.words)
        )
        if meant == text.words:
            return hits
        mended = self._found(language, replace(text, words=meant))
        others = (hit for hit in hits if hit.rule.kind is not CueKind.QUIET)
        return (*others, *(hit for hit in mended if hit.rule.kind is CueKind.QUIET))

    def _found(self, language: LanguageCode, text: FoldedText) -> tuple[Hit, ...]:
        if language not in self._own:
            return self._cues.hits(text, every)
        own = self._cues.hits(text, self._own[language])
        return own + self._cues.hits(text, self._foreign[language])


def _cues(packs: Iterable[CuePack]) -> Iterable[Cue]:
    return ((rule, phrase) for pack in packs for rule in pack.rules for phrase in rule.phrases)


def _quiet_words(pack: CuePack) -> Iterable[str]:
    for rule in pack.rules:
        if rule.kind is CueKind.QUIET:
            yield from (word.rstrip(STEM) for phrase in rule.phrases for word in phrase)


def _own_cues(pack: str, cues: Sequence[Cue]) -> Sequence[Cue]:
    """Those of one pack, by what the names of its rules begin with."""
    return [cue for cue in cues if cue[0].name.startswith(pack)]


def _loan_cues(pack: str, cues: Sequence[Cue]) -> Sequence[Cue]:
    """What is grave in the other packs, but for words that the own pack knows and guards itself."""
    known = {phrase for _rule, phrase in _own_cues(pack, cues)}
    return [cue for cue in cues if cue[1] not in known and _is_lent(*cue)]


def _is_lent(rule: Rule, phrase: Phrase) -> bool:
    is_grave = rule.kind is CueKind.RISK and _is_distinct(phrase)
    return is_grave or Quiet.MATTER in rule.values


def _is_distinct(phrase: Phrase) -> bool:
    words = [word.rstrip(STEM) for word in phrase if word != GAP]
    return len(words) > 1 or sum(map(len, words)) >= FOREIGN_LETTERS


def _values(hits: Iterable[Hit]) -> Mapping[CueKind, frozenset[str]]:
    found: dict[CueKind, set[str]] = {kind: set() for kind in CueKind}
    for hit in hits:
        found[hit.rule.kind].update(hit.rule.values)
    return {kind: frozenset(values) for kind, values in found.items()}


def _weighed(language: LanguageCode, found: Findings) -> Triage:
    risks = _risks(found)
    sentiment = _sentiment(found, risks)
    intents = _intents(found, risks, sentiment)
    silence = reason_for_silence(found, risks, intents)
    return Triage(
        language=language,
        sentiment=sentiment,
        intents=intents,
        risks=risks,
        urgency=_urgency(found, risks, intents, silent=silence is not None),
        needs_reply=silence is None,
        reasons=tuple(_reasons(language, found, silence)),
    )


def _risks(found: Findings) -> tuple[Risk, ...]:
    named = set(found.values[CueKind.RISK])
    if found.private and Intent.SPAM not in found.values[CueKind.INTENT]:
        named.add(Risk.PRIVACY)
    return tuple(risk for risk in Risk if risk in named)


def _sentiment(found: Findings, risks: Sequence[Risk]) -> Sentiment:
    moods = found.values[CueKind.SENTIMENT]
    intents = found.values[CueKind.INTENT]
    quiet = found.values[CueKind.QUIET]
    bad = Sentiment.NEGATIVE in moods or Intent.COMPLAINT in intents
    bad = bad or not _SAYS_NO_HARM.issuperset(risks)
    good = Sentiment.POSITIVE in moods or Intent.PRAISE in intents or Quiet.THANKS in quiet
    if bad and good:
        # Praise beside blame without a "but" is nearly always irony.
        return Sentiment.MIXED if Sentiment.MIXED in moods else Sentiment.NEGATIVE
    if bad:
        return Sentiment.NEGATIVE
    return Sentiment.POSITIVE if good else Sentiment.NEUTRAL


def _intents(found: Findings, risks: Sequence[Risk], sentiment: Sentiment) -> tuple[Intent, ...]:
    named = {Intent(value) for value in found.values[CueKind.INTENT]}
    if found.asks and found.text.words:
        named.add(Intent.QUESTION)
    if Quiet.THANKS in found.values[CueKind.QUIET]:
        named.add(Intent.THANKS)
    if Risk.SAFETY in risks or Risk.LEGAL in risks:
        named.add(Intent.COMPLAINT)
    unhappy = sentiment in {Sentiment.NEGATIVE, Sentiment.MIXED}
    if unhappy and not named.isdisjoint(_TROUBLES):
        named.add(Intent.COMPLAINT)
    if Intent.COMPLAINT in named:
        named -= {Intent.THANKS, Intent.SPAM}
        if sentiment is not Sentiment.MIXED:
            named.discard(Intent.PRAISE)
    return tuple(intent for intent in Intent if intent in named) or (Intent.OTHER,)


def _urgency(
    found: Findings, risks: Sequence[Risk], intents: Sequence[Intent], *, silent: bool
) -> Urgency:
    if Risk.SAFETY in risks:
        return Urgency.CRITICAL
    if not ESCALATED.isdisjoint(risks):
        return Urgency.HIGH
    if silent or (PLEASANT.issuperset(intents) and Intent.OTHER not in intents):
        return Urgency.LOW
    return Urgency.HIGH if Urgency.HIGH in found.values[CueKind.URGENCY] else Urgency.NORMAL


def _reasons(language: LanguageCode, found: Findings, silence: Reason | None) -> Iterable[Reason]:
    """One for each thing to say, by its first cue; what needs a glance comes first."""
    order = list(CueKind)
    first: dict[str, Hit] = {}
    for hit in found.hits:
        if hit.rule.kind is not CueKind.QUIET and Sentiment.MIXED not in hit.rule.values:
            first.setdefault(hit.rule.says, hit)
    ranked = sorted(
        first.values(),
        key=lambda hit: (hit.rule.kind is not CueKind.RISK, order.index(hit.rule.kind)),
    )
    yield from found.private
    for hit in ranked:
        yield Reason(hit.rule.name, found.text.evidence(hit.start, hit.end))
    if found.asks:
        yield Reason("any.question_mark", "?")
    if silence is not None:
        yield silence
    if language != UNDETERMINED or found.text.words:
        yield Reason(LANGUAGE, "")


def _private_reasons(text: str) -> tuple[Reason, ...]:
    shown = {
        span.kind: Reason(
            f"any.{span.kind.name.lower()}", text[span.start : span.start + SHOWN_OF_PRIVATE]
        )
        for span in private_spans(text)
    }
    return tuple(shown.values())
