"""Words that are stored in English and read in every language: labels, where a draft is from."""

from __future__ import annotations

from collections.abc import Mapping

from bot.model.draft import Draft, DraftOrigin
from bot.model.triage import Intent, Risk, Urgency
from bot.speech.speech import Speech, marked

WRITTEN_BY = "written by "
"""How the note of a member's version begins; their name follows."""

RISK_LABELS: Mapping[Risk, str] = {
    Risk.SAFETY: marked("safety risk"),
    Risk.LEGAL: marked("legal risk"),
    Risk.PRIVACY: marked("privacy risk"),
    Risk.PRESS: marked("press risk"),
    Risk.ABUSE: marked("abuse"),
}
_WORDS = (
    *RISK_LABELS.values(),
    marked("complaint"),
    marked("refund"),
    marked("cancellation"),
    marked("billing"),
    marked("delivery"),
    marked("order status"),
    marked("product"),
    marked("technical"),
    marked("service"),
    marked("price"),
    marked("question"),
    marked("feedback"),
    marked("praise"),
    marked("thanks"),
    marked("spam"),
    marked("other"),
    marked("negative"),
    marked("neutral"),
    marked("positive"),
    marked("mixed"),
)
LABELS_OF_INTENTS: Mapping[str, Intent] = {one.value.replace("_", " "): one for one in Intent}
"""What people may call each topic; every one of these is among the words."""
LABELS_OF_URGENCIES: Mapping[str, Urgency] = {
    marked("low urgency"): Urgency.LOW,
    marked("normal urgency"): Urgency.NORMAL,
    marked("high urgency"): Urgency.HIGH,
    marked("critical urgency"): Urgency.CRITICAL,
}
_SPOKEN = frozenset((*_WORDS, *LABELS_OF_URGENCIES))
LANGUAGE_NAMES: Mapping[str, str] = {
    "en": marked("English"),
    "fr": marked("French"),
    "ro": marked("Romanian"),
    "ru": marked("Russian"),
}
"""By ISO 639-1; a language without a name here is called by its code."""
UNITS = (marked("characters"), marked("bytes"), marked("graphemes"))
"""What networks count a text in."""


def spoken_label(speech: Speech, label: str) -> str:
    """`Complaint, delivery` in another language, word by word."""
    if speech.language == "en":
        return label
    joined = ", ".join(spoken(speech, word.strip()) for word in label.split(","))
    return joined[:1].upper() + joined[1:]


def spoken(speech: Speech, word: str) -> str:
    """One label; the team's own stay as they were written."""
    return speech.say(word.lower()) if word.lower() in _SPOKEN else word


def origin_of(speech: Speech, draft: Draft) -> str:
    """Where a draft came from; names of models and templates stay as they are."""
    if draft.origin is DraftOrigin.MEMBER:
        return speech.say("written by {name}", name=draft.note.removeprefix(WRITTEN_BY))
    return draft.note
