"""Tells languages apart by their sequences of letters, as py3langid does, in two megabytes.

Naive Bayes: the likeliest language is the one whose prior, plus the log likelihood of every
sequence of one to six bytes that occurs in the text (times the logarithm of how often it does),
is greatest. Only sequences that the model knows count, and of those that end at one byte only the
longest; an automaton finds them in one walk (Aho and Corasick 1975), its trie laid into two
arrays (a double array, Aoe 1989). The text is prepared as py3langid 0.4 does: NFC, and small
letters where all are capitals.

Of the file only the columns of the languages that are asked for are read. That takes some 20
milliseconds; a call takes some 0.1 for a comment.
"""

from __future__ import annotations

import json
import sys
import unicodedata
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import resources
from math import log1p
from zipfile import ZipFile

from bot.model.triage import UNDETERMINED, LanguageCode

_FILE = resources.files("bot.services.letters") / "table.zip"


@dataclass(frozen=True, slots=True)
class Column:
    """One language, or one of its scripts. `above` has a byte for each sequence: its log
    likelihood in steps above `floor`, which is that of one that was never seen.
    """

    language: LanguageCode
    prior: float
    floor: float
    above: bytes


@dataclass(frozen=True, slots=True)
class Automaton:
    """The state behind `state` by `byte` is `base[state] + byte`, if its parent is `state`; else
    it is looked for behind `fall[state]`. `sequence[state]` is the longest one that ends there,
    or -1. The root is 0.
    """

    base: Sequence[int]
    parent: Sequence[int]
    fall: Sequence[int]
    sequence: Sequence[int]

    def count(self, text: bytes) -> dict[int, int]:
        """How often each known sequence occurs."""
        base, parent, fall, sequence = self.base, self.parent, self.fall, self.sequence
        counts: dict[int, int] = {}
        state = 0
        for byte in text:
            following = base[state] + byte
            while parent[following] != state:
                if not state:
                    following = 0
                    break
                state = fall[state]
                following = base[state] + byte
            state = following
            found = sequence[state]
            if found >= 0:
                counts[found] = counts.get(found, 0) + 1
        return counts


class LetterTable:
    """Implements `bot.services.language.Identifier` for the languages it was loaded for."""

    def __init__(self, automaton: Automaton, columns: Sequence[Column], step: float) -> None:
        self._automaton = automaton
        self._columns = columns
        self._step = step

    def identify(self, text: str, languages: Sequence[LanguageCode]) -> LanguageCode:
        """The likeliest of `languages`; `und` when nothing in the text speaks for any."""
        candidates = [column for column in self._columns if column.language in languages]
        if not candidates:
            return UNDETERMINED
        counts = self._automaton.count(_prepared(text))
        weights = [(sequence, log1p(count)) for sequence, count in counts.items()]
        if not weights:
            return UNDETERMINED
        total = sum(weight for _sequence, weight in weights)
        return max(candidates, key=lambda column: self._score(column, weights, total)).language

    def _score(self, column: Column, weights: Sequence[tuple[int, float]], total: float) -> float:
        above = column.above
        steps = sum(weight * above[sequence] for sequence, weight in weights)
        return column.prior + column.floor * total + steps * self._step


def load_letters(languages: Iterable[LanguageCode]) -> LetterTable:
    """The table of these languages alone; what the model does not know is left out."""
    wanted = set(languages)
    if not wanted:
        return LetterTable(Automaton((), (), (), ()), (), 0.0)
    with _FILE.open("rb") as file, ZipFile(file) as archive:
        about = json.loads(archive.read("about.json"))
        columns = [
            Column(told["language"], told["prior"], told["floor"], archive.read(told["name"]))
            for told in about["columns"]
            if told["language"] in wanted
        ]
        automaton = Automaton(
            *(_numbers(archive.read(name)) for name in ("base", "parent", "fall", "feature"))
        )
    return LetterTable(automaton, columns, about["step"])


def _numbers(content: bytes) -> array[int]:
    """Little endian, four bytes each, on every machine."""
    numbers = array("i", content)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def _prepared(text: str) -> bytes:
    lowered = text.lower() if text.isupper() else text
    return unicodedata.normalize("NFC", lowered).encode("utf-8", errors="surrogatepass")
