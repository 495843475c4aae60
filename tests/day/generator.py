"""A day out of a seed: who writes what, when, in which language, and what becomes of it later.

Equal seeds make equal days. The texts are made of `words/<corpus>/<language>.toml` and then worn
down as people write: no capitals, no marks, letters typed twice or swapped.
"""

from __future__ import annotations

import random
import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from pathlib import Path

from tests.day.shapes import ACCOUNTS, DELETED, EDITED, HOURS, LANGUAGES, SHARES, Shape

WORDS = Path(__file__).parent / "words"
MINUTE, HOUR = 60, 3_600
POSTS = 6
"""Of each account."""
REGULARS, MANY = 12, 4_000
"""People who write a language: those who often do, and all of them."""
RUSH, RUSH_ACCOUNT, RUSH_POST = 12 * HOUR + 30 * MINUTE, "acme", 1
RUSH_MATTERS, RUSH_OTHERS = 10, 30
"""Questions and complaints of the burst at noon, and what wants nothing."""
LEAST_FOR_RUSH = 500
"""Comments of a day that has one."""
FOLLOWS = frozenset({Shape.THEN_THANKS, Shape.THEN_MORE})
_CHOICE = re.compile(r"\{([^{}]*)\}")
HEARTS = (
    "❤️",
    "😍",
    "🔥",
    "💕",
    "🥰",
    "👏",
    "😂",
    "🙌",
    "💚",
    "🍵",
    "✨",
    "😋",
    "🤩",
    "♥",
    "💯",
    "🫶🏽",
)
_SIGNS = ("!!!", "<3", "<3 <3", ":)", ":-)", "...", "xD", "+1", "👍🏻", "🤍🤍")
_FRIENDS = (
    "lena", "sam_k", "ben.w", "zoe", "maria_i", "ana.pop", "vlad", "cris", "juliette", "nico",
    "tanya", "olya_m", "sergei", "mia", "paul.d", "irina", "dasha", "leo", "emma.t", "radu",
)  # fmt: skip
_NAMES = {
    "en": ("Grace Hill", "Ben Ward", "Zoe Adams", "Priya N", "jess", "Tom F.", "Callum", "Ruth"),
    "fr": ("Camille L", "Hugo Petit", "Inès", "Manon R.", "jul.b", "Léa", "Théo M"),
    "ro": ("Ioana P", "Andrei M.", "Mihaela", "Radu", "cristina.t", "Alex Dobre", "Bianca"),
    "ru": ("Катя", "Дима В.", "Оля М", "Сергей", "Настя", "Ирина К", "лена_л"),
}


@dataclass(frozen=True, slots=True)
class Writer:
    id: str
    name: str
    language: str
    followers: int


@dataclass(frozen=True, slots=True)
class Then:
    """What a writer answers to our answer, so many seconds after it."""

    shape: Shape
    text: str
    after: int


@dataclass(frozen=True, slots=True)
class Said:
    """`at`, `edited_at` and `deleted_at` are seconds of the day; 0 is never."""

    number: int
    at: int
    account: str
    language: str
    shape: Shape
    writer: Writer
    text: str
    post: int
    edited_at: int = 0
    edited_text: str = ""
    deleted_at: int = 0
    then: Then | None = None
    is_rush: bool = False
    """It came in the burst at noon."""


class Corpus(StrEnum):
    FIRST = "first"
    SECOND = "second"
    """The rules were read against these."""
    HELD_OUT = "held_out"
    """Never, and whoever does so writes another one."""


def day(seed: int, count: int = 1_000, corpus: Corpus = Corpus.FIRST) -> tuple[Said, ...]:
    """In the order of their times; with what answers our answers it is `count` comments."""
    return _Day(seed, corpus).made(count)


class _Day:
    def __init__(self, seed: int, corpus: Corpus) -> None:
        self._chance = random.Random(seed)
        self._corpus = corpus

    def made(self, count: int) -> tuple[Said, ...]:
        shapes = _shares(count)
        follows = [one for one in shapes if one in FOLLOWS]
        first = [one for one in shapes if one not in FOLLOWS]
        self._chance.shuffle(first)
        moments = sorted(self._moment() for _ in first)
        said = [
            self._said(number, at, shape)
            for number, (at, shape) in enumerate(zip(moments, first, strict=True), 1)
        ]
        return tuple(self._later(self._rushed(said, count), follows, count))

    def _rushed(self, said: Sequence[Said], count: int) -> list[Said]:
        """At noon many write below one post of one account within minutes."""
        ours = [one for one in said if one.account == RUSH_ACCOUNT and one.at > 9 * HOUR]
        matters = [one.number for one in ours if one.shape in {Shape.QUESTION, Shape.COMPLAINT}]
        others = [one.number for one in ours if one.shape in {Shape.HEARTS, Shape.CHEER}]
        if count < LEAST_FOR_RUSH:
            return list(said)
        chosen = {
            *self._chance.sample(matters, min(RUSH_MATTERS, len(matters))),
            *self._chance.sample(others, min(RUSH_OTHERS, len(others))),
        }
        return [
            replace(one, at=RUSH + self._chance.randrange(3 * MINUTE), post=RUSH_POST, is_rush=True)
            if one.number in chosen
            else one
            for one in said
        ]

    def _moment(self) -> int:
        hour = self._chance.choices(range(24), HOURS)[0]
        return hour * HOUR + self._chance.randrange(HOUR)

    def _said(self, number: int, at: int, shape: Shape) -> Said:
        language = self._chance.choices(list(LANGUAGES), list(LANGUAGES.values()))[0]
        account = next(one for one, reads in ACCOUNTS.items() if language in reads)
        text = self._text(shape, language)
        # what was posted last is commented most
        post = min(int(self._chance.expovariate(0.9)), POSTS - 1) + 1
        return Said(number, at, account, language, shape, self._writer(language), text, post)

    def _later(self, said: Sequence[Said], follows: Sequence[Shape], count: int) -> Iterator[Said]:
        asked = [
            one.number
            for one in said
            if one.shape in {Shape.QUESTION, Shape.COMPLAINT} and one.at < 19 * HOUR
        ]
        thens = dict(zip(self._chance.sample(asked, len(follows)), follows, strict=True))
        others = [one.number for one in said if one.number not in thens]
        touched = self._chance.sample(others, (EDITED + DELETED) * count // 1_000)
        edited = frozenset(touched[: EDITED * count // 1_000])
        for one in said:
            if one.number in thens:
                yield self._followed(one, thens[one.number])
            elif one.number in edited:
                yield self._edited(one)
            elif one.number in touched:
                yield replace(one, deleted_at=one.at + self._chance.randrange(2, 40) * MINUTE)
            else:
                yield one

    def _followed(self, said: Said, shape: Shape) -> Said:
        text, after = self._text(shape, said.language), self._chance.randrange(2, 50) * MINUTE
        return replace(said, then=Then(shape, text, after))

    def _edited(self, said: Said) -> Said:
        """The same once more, with other slips."""
        text = self._worn(self._text(said.shape, said.language), said.shape)
        at = said.at + self._chance.randrange(1, 30) * MINUTE
        return replace(said, edited_at=at, edited_text=text)

    def _writer(self, language: str) -> Writer:
        """Most write once; one comment in ten is of somebody who often does."""
        often = self._chance.random() < 0.1
        number = self._chance.randrange(REGULARS) if often else self._chance.randrange(MANY)
        name = _NAMES[language][number % len(_NAMES[language])]
        followers = int(self._chance.paretovariate(0.9) * 80)
        return Writer(f"{language}{number}", name, language, min(followers, 60_000))

    def _text(self, shape: Shape, language: str) -> str:
        words = _words(self._corpus, language)
        if shape is Shape.HEARTS:
            return self._emoji(words.get("hearts", HEARTS))
        line = self._chance.choice(words[shape])
        while _CHOICE.search(line):
            line = _CHOICE.sub(self._chosen, line, count=1)
        return self._worn(" ".join(line.split()), shape)

    def _chosen(self, found: re.Match[str]) -> str:
        if found[1] == "friend":
            return "@" + self._chance.choice(_FRIENDS)
        chosen: str = self._chance.choice(found[1].split("|"))
        return chosen

    def _emoji(self, known: Sequence[str]) -> str:
        if self._chance.random() < 0.06:
            return self._chance.choice(_SIGNS)
        many = self._chance.choice((1, 1, 2, 2, 3, 3, 4, 5))
        if self._chance.random() < 0.6:
            return self._chance.choice(known) * many
        return "".join(self._chance.choices(known, k=many))

    def _worn(self, text: str, shape: Shape) -> str:
        slip = self._chance.random()
        if shape in {Shape.TAGS, Shape.SPAM} or len(text) < 6:
            return text
        if slip < 0.18:
            return text.lower()
        if slip < 0.28:
            return _without_marks(text)
        if slip < 0.36:
            return self._typo(text)
        return text

    def _typo(self, text: str) -> str:
        """One letter inside a word twice, or two of them swapped."""
        inside = [at for at in range(2, len(text) - 2) if text[at - 1 : at + 2].isalpha()]
        if not inside:
            return text
        at = self._chance.choice(inside)
        if self._chance.random() < 0.5:
            return text[:at] + text[at] + text[at:]
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def _shares(count: int) -> list[Shape]:
    """What is lost by rounding is made up by hearts."""
    shapes = [shape for shape, share in SHARES.items() for _ in range(share * count // 1_000)]
    return shapes + [Shape.HEARTS] * (count - len(shapes))


@cache
def _words(corpus: Corpus, language: str) -> Mapping[str, Sequence[str]]:
    """Lines by shape; `hearts` only where other emoji than the usual are meant."""
    return tomllib.loads((WORDS / corpus / f"{language}.toml").read_text("utf-8"))


def _without_marks(text: str) -> str:
    """As written on a keyboard without accents; Cyrillic letters stay whole."""
    return "".join(
        unicodedata.normalize("NFD", one)[0] if one.isalpha() and one < "\u0400" else one
        for one in text
    )
