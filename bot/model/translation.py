"""Translations: what a machine says that a text says. Shown to staff, never sent."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from bot.model.draft import normalised


@dataclass(frozen=True, slots=True)
class Wording:
    """A text by its hash, in a language (ISO 639-1)."""

    hash: str
    language: str


Translations = Mapping[Wording, str]


def wording(text: str, language: str) -> Wording:
    """Equal for texts that are the same to a reader."""
    return Wording(hashlib.sha256(normalised(text).encode()).hexdigest(), language)
