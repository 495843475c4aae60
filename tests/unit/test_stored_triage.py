"""A triage as it stands in a row: codes, both forms, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.model.triage import Intent, LanguageCode, Reason, Risk, Sentiment, Triage, Urgency
from bot.store.stored_triage import INTENTS, RISKS, SENTIMENTS, URGENCIES
from bot.store.stored_triage import triage_from_json as read
from bot.store.stored_triage import triage_to_json as stored

TRIAGE = Triage(
    language=LanguageCode("en"),
    sentiment=Sentiment.NEGATIVE,
    intents=(Intent.COMPLAINT, Intent.DELIVERY),
    risks=(Risk.LEGAL,),
    urgency=Urgency.HIGH,
    needs_reply=True,
    reasons=(Reason("en.lawyer", "lawyer"), Reason("any.language", "")),
)
ROW = [2, "en", 1, 3, 1, [1, 5], ["en.lawyer", "lawyer", "any.language", ""], [2]]
FIRST_FORM = {
    "language": "en",
    "sentiment": "negative",
    "intents": ["complaint", "delivery"],
    "risks": ["legal"],
    "urgency": "high",
    "needs_reply": True,
    "reasons": [
        {"rule": "en.lawyer", "evidence": "lawyer", "says": "Names a lawyer, a court or a claim"},
        {"rule": "any.language", "evidence": "", "says": "Written in en"},
    ],
}


def test_a_row_holds_these_codes() -> None:
    assert stored(TRIAGE) == ROW
    assert read(json.loads(json.dumps(ROW))) == TRIAGE


def test_a_row_of_an_older_release_is_read() -> None:
    assert read(FIRST_FORM) == TRIAGE


def test_every_word_has_a_number() -> None:
    assert set(SENTIMENTS.values()) == set(Sentiment)
    assert set(URGENCIES.values()) == set(Urgency)
    assert set(INTENTS.values()) == set(Intent)
    assert set(RISKS.values()) == set(Risk)


@pytest.mark.parametrize("key", ["language", "intents", "needs_reply", "reasons"])
def test_a_first_form_that_lacks_a_field_is_refused(key: str) -> None:
    document = {name: value for name, value in FIRST_FORM.items() if name != key}
    with pytest.raises(ValueError, match=key):
        read(document)


@pytest.mark.parametrize(
    ("place", "value", "complaint"),
    [
        (0, 3, "no form that is known"),
        (1, None, "no form that is known"),
        (2, 9, "no number of a word"),
        (3, "high", "no number of a word"),
        (5, [99], "no number of a word"),
        (6, ["en.lawyer"], "pairs"),
        (6, ["en.lawyer", 1], "pairs"),
        (7, 2, "ends with"),
    ],
)
def test_a_row_that_is_harmed_is_refused(place: int, value: Any, complaint: str) -> None:
    row = [*ROW]
    row[place] = value
    with pytest.raises(ValueError, match=complaint):
        read(row)
