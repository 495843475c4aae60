"""What was understood of one item, and why: the answer of every triager, rule or model."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

LanguageCode = NewType("LanguageCode", str)
"""ISO 639-1 code in lower case, or `und` when the language is not certain."""

UNDETERMINED = LanguageCode("und")
WORDS_IN_LABEL = 3


class Sentiment(StrEnum):
    """`mixed` is praise and blame side by side."""

    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"
    MIXED = "mixed"


class Intent(StrEnum):
    """What the author wants; in the order in which a card names them."""

    COMPLAINT = "complaint"
    REFUND = "refund"
    CANCELLATION = "cancellation"
    BILLING = "billing"
    DELIVERY = "delivery"
    ORDER_STATUS = "order_status"
    PRODUCT = "product"
    TECHNICAL = "technical"
    SERVICE = "service"
    PRICE = "price"
    QUESTION = "question"
    FEEDBACK = "feedback"
    PRAISE = "praise"
    THANKS = "thanks"
    SPAM = "spam"
    OTHER = "other"


class Risk(StrEnum):
    """Why a person must look before anyone answers; in the order of gravity."""

    SAFETY = "safety"
    LEGAL = "legal"
    PRIVACY = "privacy"
    PRESS = "press"
    """A journalist asks: what is answered may be printed."""
    ABUSE = "abuse"


class Urgency(StrEnum):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    CRITICAL = "critical"


ESCALATED = frozenset({Risk.SAFETY, Risk.LEGAL, Risk.PRIVACY, Risk.PRESS})
"""Risks whose items are never collapsed and never answered without a person's decision."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule that spoke.

    `evidence` is a verbatim piece of the text, or empty where the whole text is the evidence;
    it is the author's words, so it is shown as untrusted text. What the rule says to staff is in
    `bot.services.reason_words`.
    """

    rule: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Triage:
    """`intents` and `risks` are without repetition, in the order of their enums."""

    language: LanguageCode
    sentiment: Sentiment
    intents: tuple[Intent, ...]
    risks: tuple[Risk, ...]
    urgency: Urgency
    needs_reply: bool
    reasons: tuple[Reason, ...]

    @property
    def is_escalated(self) -> bool:
        return not ESCALATED.isdisjoint(self.risks)

    @property
    def label(self) -> str:
        """The trade's words for a card, gravest first: "Complaint, delivery"."""
        words = [*(f"{risk} risk" for risk in self.risks if risk in ESCALATED)]
        words += [risk.value for risk in self.risks if risk not in ESCALATED]
        words += [intent.replace("_", " ") for intent in self.intents]
        return ", ".join(words[:WORDS_IN_LABEL]).capitalize()
