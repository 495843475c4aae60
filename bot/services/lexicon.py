"""Cue packs: what words mean in one language, read from `prompts/cues/<language>.toml`.

A rule has a name, a kind, one value or several, what it says to staff, and its words. Its words
are phrases; a word that ends in `*` is a stem, and `..` between two words lets up to three others
stand between them. A phrase without a letter (an emoji) is looked for anywhere. `not_with` are
phrases which, near the cue (or, without a letter, anywhere in the text), show that it is not
meant: `killer deal`, a laugh. `at_start` cues count only where a sentence or a clause begins.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

from bot.errors import ConfigurationError
from bot.model.triage import Intent, LanguageCode, Risk, Sentiment, Urgency
from bot.services.folded_text import fold

LANGUAGES = (LanguageCode("en"), LanguageCode("fr"), LanguageCode("ro"), LanguageCode("ru"))
GAP = ".."
STEM = "*"


class CueKind(StrEnum):
    INTENT = "intent"
    RISK = "risk"
    SENTIMENT = "sentiment"
    URGENCY = "urgency"
    QUIET = "quiet"


class Quiet(StrEnum):
    """Texts made of these alone want no reply; `filler` alone does not make a text quiet.

    `friend` is what one asks somebody whom one tags. `delight` are signs that a few words are glad,
    `matter` words after which they may want something all the same.
    """

    THANKS = "thanks"
    REACTION = "reaction"
    FILLER = "filler"
    FRIEND = "friend"
    DELIGHT = "delight"
    MATTER = "matter"


NOT_ALONE = frozenset({Quiet.FRIEND, Quiet.MATTER})
"""Of these a text may be made and want an answer."""


VALUES: Mapping[CueKind, frozenset[str]] = {
    CueKind.INTENT: frozenset(Intent),
    CueKind.RISK: frozenset(Risk),
    CueKind.SENTIMENT: frozenset(Sentiment),
    CueKind.URGENCY: frozenset(Urgency),
    CueKind.QUIET: frozenset(Quiet),
}


Phrase = tuple[str, ...]
"""Folded words in a row: one that ends in `*` is a stem, and where `..` is among them up to three
others may stand. Or one symbol, without a letter. There are ten thousand, so each is no more than
its words, and equal words are one string."""


@dataclass(frozen=True, slots=True)
class Rule:
    """`name` is unique over all packs: `en.lawyer`."""

    name: str
    kind: CueKind
    values: tuple[str, ...]
    says: str
    phrases: tuple[Phrase, ...]
    not_with: tuple[Phrase, ...]
    at_start: bool


@dataclass(frozen=True, slots=True)
class CuePack:
    language: LanguageCode
    rules: tuple[Rule, ...]


def load_cues() -> dict[LanguageCode, CuePack]:
    """All packs that ship; raises ConfigurationError naming the file and the rule at fault."""
    folder = files("prompts") / "cues"
    try:
        return {
            language: parse_cues((folder / f"{language}.toml").read_text("utf-8"), language)
            for language in LANGUAGES
        }
    finally:
        _one_of.cache_clear()


def parse_cues(text: str, language: LanguageCode) -> CuePack:
    source = f"prompts/cues/{language}.toml"
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{source} is not valid TOML: {error}.") from error
    entries = document.get("rule")
    if not isinstance(entries, list) or not entries:
        raise ConfigurationError(f"{source} has no [[rule]]; add at least one.")
    rules = tuple(_rule(entry, language, source) for entry in entries)
    names = [rule.name for rule in rules]
    for name in names:
        if names.count(name) > 1:
            raise ConfigurationError(f"{source} has two rules named {name}; rename one.")
    return CuePack(language, rules)


def parse_phrase(text: str) -> Phrase:
    """Raises ValueError on an empty phrase, a gap at an edge, or more than one gap."""
    folded = fold(text).strip()
    if not folded:
        raise ValueError("an empty phrase")
    if not any(character.isalnum() for character in folded):
        return (folded,)
    before, *after = folded.split(GAP)
    if len(after) > 1:
        raise ValueError(f"more than one {GAP} in {text!r}")
    first = _words(before)
    rest = _words(after[0]) if after else ()
    if not first or (after and not rest):
        raise ValueError(f"{GAP} at the edge of {text!r}")
    return (*first, GAP, *rest) if after else first


def _words(text: str) -> Phrase:
    separated = "".join(
        character if character.isalnum() or character == STEM else " " for character in text
    )
    return tuple(
        _one_of(word.rstrip(STEM) + STEM * word.endswith(STEM))
        for word in separated.split()
        if word.rstrip(STEM)
    )


@cache
def _one_of(word: str) -> str:
    """The same string for equal words: of three words two stand in other phrases too."""
    return word


def _rule(entry: object, language: LanguageCode, source: str) -> Rule:
    if not isinstance(entry, dict):
        raise ConfigurationError(f"{source}: every rule must be a [[rule]] table.")
    where = f"{source}: rule {entry.get('name', '(no name)')}"
    unknown = entry.keys() - {"name", "kind", "value", "says", "words", "not_with", "at_start"}
    if unknown:
        raise ConfigurationError(f"{where} has unknown keys: {', '.join(sorted(unknown))}.")
    kind = _kind(entry.get("kind"), where)
    values = _strings(entry.get("value"), where, "value")
    for value in values:
        if value not in VALUES[kind]:
            known = ", ".join(sorted(VALUES[kind]))
            raise ConfigurationError(f"{where}: {value!r} is not a {kind}; use one of {known}.")
    return Rule(
        name=f"{language}.{_strings(entry.get('name'), where, 'name')[0]}",
        kind=kind,
        values=values,
        says=_strings(entry.get("says"), where, "says")[0],
        phrases=_phrases(_strings(entry.get("words"), where, "words"), where),
        not_with=_phrases(_strings(entry.get("not_with", []), where, "not_with", 0), where),
        at_start=entry.get("at_start") is True,
    )


def _kind(value: object, where: str) -> CueKind:
    if not isinstance(value, str) or value not in VALUES:
        known = ", ".join(CueKind)
        raise ConfigurationError(f"{where}: kind {value!r} is unknown; use one of {known}.")
    return CueKind(value)


def _strings(value: object, where: str, key: str, least: int = 1) -> tuple[str, ...]:
    entries = [value] if isinstance(value, str) else value
    if not isinstance(entries, list) or len(entries) < least:
        raise ConfigurationError(f"{where} needs {key!r}: a text or a list of texts.")
    if not all(isinstance(entry, str) and entry for entry in entries):
        raise ConfigurationError(f"{where}: {key!r} may hold only texts that are not empty.")
    return tuple(entries)


def _phrases(texts: Sequence[str], where: str) -> tuple[Phrase, ...]:
    try:
        return tuple(parse_phrase(text) for text in texts)
    except ValueError as error:
        raise ConfigurationError(f"{where} has {error}.") from error
