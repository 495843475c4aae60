"""How a triage is stored: a JSON list of codes, a quarter as long as its words.

`[2, language, sentiment, urgency, needs_reply, [intents], [rule, evidence, ...], [risks]]`, where
an enum's value is its number below, and the risks are left out where there are none. What a rule
says is not stored: `bot.services.reason_words` says it when somebody asks. The first form, an
object with all words, is read as well, for rows of an older release.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TypeVar

from bot.model.triage import Intent, LanguageCode, Reason, Risk, Sentiment, Triage, Urgency

FORM = 2

SENTIMENTS = {
    1: Sentiment.NEGATIVE,
    2: Sentiment.NEUTRAL,
    3: Sentiment.POSITIVE,
    4: Sentiment.MIXED,
}
URGENCIES = {1: Urgency.LOW, 2: Urgency.NORMAL, 3: Urgency.HIGH, 4: Urgency.CRITICAL}
INTENTS = {
    1: Intent.COMPLAINT,
    2: Intent.REFUND,
    3: Intent.CANCELLATION,
    4: Intent.BILLING,
    5: Intent.DELIVERY,
    6: Intent.ORDER_STATUS,
    7: Intent.PRODUCT,
    8: Intent.TECHNICAL,
    9: Intent.SERVICE,
    10: Intent.PRICE,
    11: Intent.QUESTION,
    12: Intent.FEEDBACK,
    13: Intent.PRAISE,
    14: Intent.THANKS,
    15: Intent.SPAM,
    16: Intent.OTHER,
}
RISKS = {1: Risk.SAFETY, 2: Risk.LEGAL, 3: Risk.PRIVACY, 4: Risk.ABUSE, 5: Risk.PRESS}
"""A number is never given to another word: rows keep it for ever."""

_Word = TypeVar("_Word", bound=StrEnum)


def _codes(numbers: Mapping[int, _Word]) -> Mapping[_Word, int]:
    return {word: number for number, word in numbers.items()}


_SENTIMENT, _URGENCY = _codes(SENTIMENTS), _codes(URGENCIES)
_INTENT, _RISK = _codes(INTENTS), _codes(RISKS)


def number_of(word: Intent | Urgency) -> int:
    """As which it is stored."""
    return _INTENT[word] if isinstance(word, Intent) else _URGENCY[word]


def triage_to_json(triage: Triage) -> list[object]:
    """Plain JSON values, read back by `triage_from_json`."""
    stored: list[object] = [
        FORM,
        triage.language,
        _SENTIMENT[triage.sentiment],
        _URGENCY[triage.urgency],
        int(triage.needs_reply),
        [_INTENT[intent] for intent in triage.intents],
        [word for reason in triage.reasons for word in (reason.rule, reason.evidence)],
    ]
    return [*stored, [_RISK[risk] for risk in triage.risks]] if triage.risks else stored


def triage_from_json(stored: object) -> Triage:
    """Raises ValueError when it is neither what `triage_to_json` writes nor the first form."""
    match stored:
        case Mapping():
            return _first_form(stored)
        case [2, str() as language, sentiment, urgency, 0 | 1 as needs, [*intents], [*said], *rest]:
            return Triage(
                language=LanguageCode(language),
                sentiment=_word(SENTIMENTS, sentiment),
                intents=tuple(_word(INTENTS, number) for number in intents),
                risks=_risks(rest),
                urgency=_word(URGENCIES, urgency),
                needs_reply=bool(needs),
                reasons=_reasons(said),
            )
        case _:
            raise ValueError(f"a stored triage is of no form that is known: {stored!r}")


def _word(words: Mapping[int, _Word], number: object) -> _Word:
    if not isinstance(number, int) or number not in words:
        raise ValueError(f"a stored triage has {number!r}, which is no number of a word")
    return words[number]


def _risks(rest: Sequence[object]) -> tuple[Risk, ...]:
    match rest:
        case []:
            return ()
        case [[*risks]]:
            return tuple(_word(RISKS, number) for number in risks)
        case _:
            raise ValueError(f"a stored triage ends with {rest!r}")


def _reasons(said: Sequence[object]) -> tuple[Reason, ...]:
    words = [word for word in said if isinstance(word, str)]
    if len(words) != len(said) or len(words) % 2:
        raise ValueError("a stored triage has reasons that are not pairs of words")
    return tuple(map(Reason, words[::2], words[1::2]))


def _first_form(document: Mapping[str, object]) -> Triage:
    reasons = [_first_reason(entry) for entry in _entries(document, "reasons")]
    return Triage(
        language=LanguageCode(_text(document, "language")),
        sentiment=Sentiment(_text(document, "sentiment")),
        intents=tuple(Intent(str(word)) for word in _entries(document, "intents")),
        risks=tuple(Risk(str(word)) for word in _entries(document, "risks")),
        urgency=Urgency(_text(document, "urgency")),
        needs_reply=_truth(document, "needs_reply"),
        reasons=tuple(reasons),
    )


def _first_reason(entry: object) -> Reason:
    if not isinstance(entry, Mapping):
        raise ValueError("a stored triage has a reason that is not an object")
    return Reason(_text(entry, "rule"), _text(entry, "evidence"))


def _text(document: Mapping[str, object], key: str) -> str:
    value = document.get(key)
    if not isinstance(value, str):
        raise ValueError(f"a stored triage has no text under {key!r}")
    return value


def _truth(document: Mapping[str, object], key: str) -> bool:
    value = document.get(key)
    if not isinstance(value, bool):
        raise ValueError(f"a stored triage has neither true nor false under {key!r}")
    return value


def _entries(document: Mapping[str, object], key: str) -> list[object]:
    value = document.get(key)
    if not isinstance(value, list):
        raise ValueError(f"a stored triage has no list under {key!r}")
    return value
