"""Which language a text is written in, among those the brand reads.

The script decides first: a brand that reads one language in Cyrillic needs no statistics for
Cyrillic text. Among languages of one script an identifier decides, and only when there are enough
letters; a wrong language is worse than none, because none tries every cue pack.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Protocol

from bot.model.triage import UNDETERMINED, LanguageCode
from bot.services.letters.table import load_letters

LEAST_LETTERS = 12
MOST_CHARACTERS = 1_000
"""Enough to be certain; the identifier's time grows with the length."""

_CYRILLIC = frozenset("be bg kk ky mk mn ru sr tg uk".split())
_NEITHER = frozenset(
    "am ar bn dv el fa gu he hi hy ja ka km kn ko lo ml mr my".split()
) | frozenset("ne or pa ps si ta te th ug ur yi zh".split())


MOST_KNOWN = 4_096
"""Texts whose language is remembered: a card is drawn more often than its words change."""


class Script(StrEnum):
    LATIN = "latin"
    CYRILLIC = "cyrillic"
    OTHER = "other"


class Identifier(Protocol):
    """Tells languages apart by their letters."""

    def identify(self, text: str, languages: Sequence[LanguageCode]) -> LanguageCode:
        """The likeliest of `languages`, or `und`."""
        ...


def identifier_for(languages: Sequence[LanguageCode]) -> Identifier:
    """One that knows those of these languages that their script alone does not tell apart."""
    scripts = Counter(_script_of(code) for code in set(languages))
    return load_letters(code for code in set(languages) if scripts[_script_of(code)] > 1)


def identify_language(
    text: str, languages: Sequence[LanguageCode], identifier: Identifier, *, unmarked: str = ""
) -> LanguageCode:
    """`text` is without links and mentions, which say nothing about the language.

    `unmarked` is the same without its accents, should it have any. It is looked at besides: the
    accents of a word or two are not to outweigh everything around them.
    """
    letters = [character for character in text[:MOST_CHARACTERS] if character.isalpha()]
    if not letters:
        return UNDETERMINED
    script = _script(letters)
    candidates = [code for code in languages if _script_of(code) is script]
    if not candidates:
        return UNDETERMINED
    if len(candidates) == 1 and script is not Script.LATIN:
        return candidates[0]
    if len(letters) < LEAST_LETTERS:
        return UNDETERMINED
    if len(candidates) == 1:
        return candidates[0]
    looked_at = text[:MOST_CHARACTERS]
    if unmarked:
        looked_at = f"{looked_at} {unmarked[:MOST_CHARACTERS]}"
    return identifier.identify(looked_at, candidates)


class TextLanguage:
    """Of which of these languages a text of the desk's own is: a draft, a planned post."""

    def __init__(self, languages: Sequence[LanguageCode], identifier: Identifier) -> None:
        self._languages = languages
        self._identifier = identifier
        self.of = lru_cache(MOST_KNOWN)(self._identified)

    def _identified(self, text: str) -> LanguageCode:
        words = (word for word in text.split() if "://" not in word and word[0] not in "@#")
        return identify_language(" ".join(words), self._languages, self._identifier)


def undetermined(text: str) -> LanguageCode:
    """Where nobody tells languages apart."""
    return UNDETERMINED


def _script(letters: Sequence[str]) -> Script:
    if "".join(letters).isascii():
        return Script.LATIN
    cyrillic = sum("\u0400" <= letter <= "\u052f" for letter in letters)
    latin = sum(letter <= "\u024f" or "\u1e00" <= letter <= "\u1eff" for letter in letters)
    counts = {
        Script.LATIN: latin,
        Script.CYRILLIC: cyrillic,
        Script.OTHER: len(letters) - latin - cyrillic,
    }
    return max(counts, key=lambda script: counts[script])


def _script_of(language: LanguageCode) -> Script:
    if language in _CYRILLIC:
        return Script.CYRILLIC
    return Script.OTHER if language in _NEITHER else Script.LATIN
