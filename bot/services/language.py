"""Which language a text is written in, among those the brand reads.

The script decides first: a brand that reads one language in Cyrillic needs no statistics for
Cyrillic text. Among languages of one script an identifier decides, and only when there are enough
letters; a wrong language is worse than none, because none tries every cue pack.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from importlib import import_module
from threading import Lock
from typing import Protocol

from bot.model.triage import UNDETERMINED, LanguageCode

LEAST_LETTERS = 12
MOST_CHARACTERS = 1_000
"""Enough to be certain; the identifier's time grows with the length."""

_CYRILLIC = frozenset("be bg kk ky mk mn ru sr tg uk".split())
_NEITHER = frozenset(
    "am ar bn dv el fa gu he hi hy ja ka km kn ko lo ml mr my".split()
) | frozenset("ne or pa ps si ta te th ug ur yi zh".split())


class Script(StrEnum):
    LATIN = "latin"
    CYRILLIC = "cyrillic"
    OTHER = "other"


class Identifier(Protocol):
    """Tells languages apart by their letters."""

    def identify(self, text: str, languages: Sequence[LanguageCode]) -> LanguageCode:
        """The likeliest of `languages`, or `und`."""
        ...


class LanguageModel(Protocol):
    """The part of py3langid's LanguageIdentifier that is used (py3langid 0.4)."""

    def rank(self, text: str) -> list[tuple[str, float]]: ...


class Py3LangIdentifier:
    """py3langid limited to the languages of all brands together.

    The model (some 70 MB in memory, up to a second to load) is read at the first call that needs
    it; `warm` reads it earlier, and may be called in another thread.
    """

    def __init__(self, languages: Sequence[LanguageCode]) -> None:
        self._languages = frozenset(languages)
        self._model: LanguageModel | None = None
        self._loading = Lock()

    def warm(self) -> None:
        """Read the model now, if two of the languages share a script; else nobody asks it."""
        scripts = [_script_of(code) for code in self._languages]
        if len(set(scripts)) < len(scripts):
            self._loaded()

    def identify(self, text: str, languages: Sequence[LanguageCode]) -> LanguageCode:
        for code, _score in self._loaded().rank(text):
            if code in languages:
                return LanguageCode(code)
        return UNDETERMINED

    def _loaded(self) -> LanguageModel:
        with self._loading:
            if self._model is None:
                self._model = _load_model(self._languages)
            return self._model


def identify_language(
    text: str, languages: Sequence[LanguageCode], identifier: Identifier
) -> LanguageCode:
    """`text` is without links and mentions, which say nothing about the language."""
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
    return identifier.identify(text[:MOST_CHARACTERS], candidates)


def _script(letters: Sequence[str]) -> Script:
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


def _load_model(languages: frozenset[LanguageCode]) -> LanguageModel:
    """A model of these languages alone; the 130-odd others would cost 28 MB of memory."""
    # Imported here and not above: it brings numpy, and a desk of one language never needs it.
    library = import_module("py3langid.langid")
    every = library.LanguageIdentifier.from_model_file(library.MODEL_FILE)
    every.set_languages(sorted(languages & set(every.labels)))
    model: LanguageModel = library.LanguageIdentifier(
        every.nb_ptc.copy(),
        every.nb_pc.copy(),
        every.nb_classes,
        every.tk_nextmove,
        every.tk_output,
        tk_row=every.tk_row,
    )
    return model
