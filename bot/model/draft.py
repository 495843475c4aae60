"""Drafts: proposed texts, versioned and hashed."""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from bot.model.ids import BrandId, DraftId, ItemId, MemberId, Moment
from bot.model.publication import Mention


class DraftOrigin(StrEnum):
    MEMBER = "member"
    MODEL = "model"
    TEMPLATE = "template"


class Tone(StrEnum):
    FRIENDLY = "friendly"
    FORMAL = "formal"
    SHORT = "short"


@dataclass(frozen=True, slots=True)
class Draft:
    """One version of a proposed reply to one revision of an item."""

    id: DraftId
    item_id: ItemId
    item_revision: int
    version: int
    text: str
    origin: DraftOrigin
    author_id: MemberId | None
    """The member who wrote it; None for a model or a template."""
    note: str
    """Where it came from, in words: `gpt-x, draft.v1` or `template en/complaint`."""
    created_at: Moment
    is_void: bool = False
    """The item changed after it was written: it cannot be approved any more."""
    mentions: tuple[Mention, ...] = ()
    """The people that its words name, as the network knows them."""


@dataclass(frozen=True, slots=True)
class DraftRequest:
    """What a drafter is told. Everything of the author is untrusted data."""

    brand_id: BrandId
    brand_name: str
    voice: str
    network_title: str
    max_length: int
    """In the unit that the network counts; a drafter treats it as characters."""
    language: str
    text: str
    author_name: str
    context: str
    """What the thread's root says, or empty."""
    intents: tuple[str, ...]
    risks: tuple[str, ...]
    tone: Tone = Tone.FRIENDLY
    instruction: str = ""
    """One line from a member: `refund takes 5 days, shorter`."""
    knowledge: tuple[str, ...] = ()
    """What colleagues answered and noted, privately: facts to rely on, not words to quote."""
    previous: str = ""
    """The version that the instruction is about, or empty."""
    seed: int = 0
    """Chooses among equals, so that copies differ and a repeat does not."""


@dataclass(frozen=True, slots=True)
class DraftProposal:
    text: str
    origin: DraftOrigin
    note: str


def normalised(text: str) -> str:
    """NFC with outer white space removed and lone surrogates replaced: what is hashed and sent."""
    clean = text.encode("utf-8", "replace").decode("utf-8")
    return unicodedata.normalize("NFC", clean).strip()


def text_hash(text: str) -> str:
    return hashlib.sha256(normalised(text).encode("utf-8")).hexdigest()
