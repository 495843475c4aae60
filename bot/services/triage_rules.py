"""Triage by cue rules: the same text gives the same answer, with the words that decided it.

The packs are tuned for recall on what must never be missed: the risks of every language are looked
for in every text, because a false alarm costs a glance and a missed allegation costs a crisis. A
long text is judged by its first `MOST_CHARACTERS` characters, so the cost is bounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

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
from bot.services.cue_search import CueIndex, Hit
from bot.services.folded_text import FoldedText, folded_text
from bot.services.language import Identifier, identify_language
from bot.services.lexicon import CueKind, CuePack, Phrase, Quiet, Rule
from bot.services.private_data import private_spans

MOST_CHARACTERS = 4_000
FOREIGN_LETTERS = 7
"""A single word this long, or any longer phrase, is looked for in texts of other languages too."""

SHOWN_OF_PRIVATE = 4
"""Letters of a private number that a reason repeats."""

_TROUBLES = (Intent.REFUND, Intent.BILLING, Intent.DELIVERY, Intent.PRODUCT, Intent.TECHNICAL)
_PLEASANT = frozenset({Intent.PRAISE, Intent.THANKS, Intent.OTHER})


@dataclass(frozen=True, slots=True)
class Findings:
    """What the rules found, before it is weighed."""

    text: FoldedText
    hits: tuple[Hit, ...]
    private: tuple[Reason, ...]
    asks: bool

    def values(self, kind: CueKind) -> set[str]:
        return {value for hit in self.hits if hit.rule.kind is kind for value in hit.rule.values}


class Triager:
    """Pure and deterministic but for the first use of the identifier, which may load a model."""

    def __init__(self, packs: Mapping[LanguageCode, CuePack], identifier: Identifier) -> None:
        self._identifier = identifier
        self._own = {language: CueIndex(_cues(pack)) for language, pack in packs.items()}
        self._foreign = {
            language: CueIndex(_loan_cues(own, packs.values())) for language, own in packs.items()
        }
        self._every = CueIndex(cue for pack in packs.values() for cue in _cues(pack))

    def triage(self, text: str, *, languages: Sequence[str]) -> Triage:
        """`languages` are the codes that the brand reads."""
        seen = folded_text(text, MOST_CHARACTERS)
        readable = [LanguageCode(code) for code in languages]
        language = identify_language(seen.folded, readable, self._identifier)
        found = Findings(
            text=seen,
            hits=self._hits(language, seen),
            private=_private_reasons(seen.original),
            asks="?" in seen.folded or "\u061f" in seen.folded,
        )
        return _weighed(language, found)

    def _hits(self, language: LanguageCode, text: FoldedText) -> tuple[Hit, ...]:
        if language not in self._own:
            return self._every.hits(text)
        return self._own[language].hits(text) + self._foreign[language].hits(text)


def _cues(pack: CuePack) -> Iterable[tuple[Rule, Phrase]]:
    return ((rule, phrase) for rule in pack.rules for phrase in rule.phrases)


def _loan_cues(own: CuePack, packs: Iterable[CuePack]) -> Iterable[tuple[Rule, Phrase]]:
    """Risk cues of the other packs, but for words that the own pack knows and guards itself."""
    known = {phrase for _rule, phrase in _cues(own)}
    for pack in packs:
        if pack.language == own.language:
            continue
        for rule, phrase in _cues(pack):
            if rule.kind is CueKind.RISK and phrase not in known and _is_distinct(phrase):
                yield rule, phrase


def _is_distinct(phrase: Phrase) -> bool:
    letters = sum(len(pattern.text) for pattern in phrase.patterns)
    return len(phrase.patterns) > 1 or letters >= FOREIGN_LETTERS


def _weighed(language: LanguageCode, found: Findings) -> Triage:
    risks = _risks(found)
    sentiment = _sentiment(found, risks)
    intents = _intents(found, risks, sentiment)
    silence = _reason_for_silence(found, risks, intents)
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
    named = found.values(CueKind.RISK)
    if found.private and Intent.SPAM not in found.values(CueKind.INTENT):
        named.add(Risk.PRIVACY)
    return tuple(risk for risk in Risk if risk in named)


def _sentiment(found: Findings, risks: Sequence[Risk]) -> Sentiment:
    moods = found.values(CueKind.SENTIMENT)
    intents = found.values(CueKind.INTENT)
    quiet = found.values(CueKind.QUIET)
    bad = Sentiment.NEGATIVE in moods or Intent.COMPLAINT in intents
    bad = bad or any(risk is not Risk.PRIVACY for risk in risks)
    good = Sentiment.POSITIVE in moods or Intent.PRAISE in intents or Quiet.THANKS in quiet
    if bad and good:
        # Praise beside blame without a "but" is nearly always irony.
        return Sentiment.MIXED if Sentiment.MIXED in moods else Sentiment.NEGATIVE
    if bad:
        return Sentiment.NEGATIVE
    return Sentiment.POSITIVE if good else Sentiment.NEUTRAL


def _intents(found: Findings, risks: Sequence[Risk], sentiment: Sentiment) -> tuple[Intent, ...]:
    named = {Intent(value) for value in found.values(CueKind.INTENT)}
    if found.asks and found.text.words:
        named.add(Intent.QUESTION)
    if Quiet.THANKS in found.values(CueKind.QUIET):
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


def _reason_for_silence(
    found: Findings, risks: Sequence[Risk], intents: Sequence[Intent]
) -> Reason | None:
    """Why nobody need answer, or None."""
    text = found.text
    if not ESCALATED.isdisjoint(risks):
        return None
    if Intent.SPAM in intents:
        return Reason("any.spam", "", "Advertising is not answered")
    if found.asks:
        return None
    if not text.words:
        return _reason_for_no_words(text)
    quiet = _quiet_hit(found)
    if quiet is not None:
        return Reason(quiet.rule.name, text.evidence(quiet.start, quiet.end), quiet.rule.says)
    if Risk.ABUSE in risks and _PLEASANT.issuperset(intents):
        return Reason("any.abuse_only", "", "Insults without a matter to answer")
    return None


def _reason_for_no_words(text: FoldedText) -> Reason:
    if text.mentions:
        return Reason("any.tags_only", "", "Only tags other people")
    if text.links:
        return Reason("any.link_only", "", "Only a link")
    if text.folded.strip():
        return Reason("any.emoji_only", "", "Only emoji or signs")
    return Reason("any.empty", "", "There is no text")


def _quiet_hit(found: Findings) -> Hit | None:
    """The hit that names the quiet, when quiet words are all there is."""
    quiet = [hit for hit in found.hits if hit.rule.kind is CueKind.QUIET]
    covered = {place for hit in quiet for place in hit.words}
    if len(covered) < len(found.text.words):
        return None
    return next((hit for hit in quiet if Quiet.FILLER not in hit.rule.values), None)


def _urgency(
    found: Findings, risks: Sequence[Risk], intents: Sequence[Intent], *, silent: bool
) -> Urgency:
    if Risk.SAFETY in risks:
        return Urgency.CRITICAL
    if not ESCALATED.isdisjoint(risks):
        return Urgency.HIGH
    if silent or (_PLEASANT.issuperset(intents) and Intent.OTHER not in intents):
        return Urgency.LOW
    return Urgency.HIGH if Urgency.HIGH in found.values(CueKind.URGENCY) else Urgency.NORMAL


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
        yield Reason(hit.rule.name, found.text.evidence(hit.start, hit.end), hit.rule.says)
    if found.asks:
        yield Reason("any.question_mark", "?", "Asks a question")
    if silence is not None:
        yield silence
    if language != UNDETERMINED:
        yield Reason("any.language", "", f"Written in {language}")
    elif found.text.words:
        yield Reason("any.language", "", "Too short, or in no language that the brand reads")


def _private_reasons(text: str) -> tuple[Reason, ...]:
    says = {
        span.kind: Reason(
            f"any.{span.kind.name.lower()}",
            text[span.start : span.start + SHOWN_OF_PRIVATE],
            f"Shows a {span.kind}" if span.kind != "e-mail address" else "Shows an e-mail address",
        )
        for span in private_spans(text)
    }
    return tuple(says.values())
