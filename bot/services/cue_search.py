"""Finds the cues of a pack in a text, in time linear in the text's words.

Phrases are indexed by their first word, or by the first letters of a first word that is a stem,
so each word of the text costs a few dictionary look-ups, however many cues the packs hold. Guards
are found the same way, in one pass for all rules, and only when some cue was found.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.services.folded_text import FoldedText, Word
from bot.services.lexicon import Pattern, Phrase, Rule

MOST_WORDS_IN_GAP = 3
WORDS_AROUND = 6
"""A guard phrase counts when it begins this near to the cue."""


@dataclass(frozen=True, slots=True)
class Hit:
    """`start` and `end` are places in the folded text; `words` are numbers of words, maybe none."""

    rule: Rule
    start: int
    end: int
    words: range


class CueIndex:
    """The cues of some rules, and the guards of those rules."""

    def __init__(self, cues: Iterable[tuple[Rule, Phrase]]) -> None:
        kept = tuple(cues)
        rules = {rule.name: rule for rule, _phrase in kept}
        self._cues = _PhraseIndex(kept)
        self._guards = _PhraseIndex(
            (rule, guard) for rule in rules.values() for guard in rule.not_with
        )

    def hits(self, text: FoldedText) -> tuple[Hit, ...]:
        """All cues that are meant, in the order of the text, symbols last."""
        found = (*self._cues.word_hits(text), *self._cues.symbol_hits(text))
        if not found:
            return ()
        silenced = {hit.rule.name for hit in self._guards.symbol_hits(text)}
        guards: dict[str, list[int]] = defaultdict(list)
        for hit in self._guards.word_hits(text):
            guards[hit.rule.name].append(hit.words.start)
        return tuple(
            hit
            for hit in found
            if hit.rule.name not in silenced
            and not _stands_near(guards.get(hit.rule.name, ()), hit.words)
            and not (hit.rule.at_start and not text.words[hit.words.start].opens_sentence)
        )


class _PhraseIndex:
    def __init__(self, phrases: Iterable[tuple[Rule, Phrase]]) -> None:
        self._by_word: dict[str, list[tuple[Rule, Phrase]]] = defaultdict(list)
        self._by_stem: dict[str, list[tuple[Rule, Phrase]]] = defaultdict(list)
        self._symbols: list[tuple[Rule, str]] = []
        for rule, phrase in phrases:
            self._add(rule, phrase)
        self._stem_lengths = sorted({len(stem) for stem in self._by_stem})

    def word_hits(self, text: FoldedText) -> Iterator[Hit]:
        for place, word in enumerate(text.words):
            for rule, phrase in self._beginning_with(word.text):
                last = _last_word(phrase, text.words, place)
                if last is not None:
                    end = text.words[last].end
                    yield Hit(rule, word.start, end, range(place, last + 1))

    def symbol_hits(self, text: FoldedText) -> Iterator[Hit]:
        for rule, symbol in self._symbols:
            start = text.folded.find(symbol)
            if start >= 0:
                yield Hit(rule, start, start + len(symbol), range(0))

    def _add(self, rule: Rule, phrase: Phrase) -> None:
        if phrase.symbol:
            self._symbols.append((rule, phrase.symbol))
            return
        first = phrase.patterns[0]
        index = self._by_stem if first.is_stem else self._by_word
        index[first.text].append((rule, phrase))

    def _beginning_with(self, word: str) -> Iterator[tuple[Rule, Phrase]]:
        yield from self._by_word.get(word, ())
        for length in self._stem_lengths:
            if length > len(word):
                return
            yield from self._by_stem.get(word[:length], ())


def _last_word(phrase: Phrase, words: Sequence[Word], place: int) -> int | None:
    """The number of the phrase's last word if the phrase begins at `place`."""
    if phrase.gap_after is None:
        return _run(phrase.patterns, words, place)
    turn = _run(phrase.patterns[: phrase.gap_after], words, place)
    if turn is None:
        return None
    for skipped in range(MOST_WORDS_IN_GAP + 1):
        last = _run(phrase.patterns[phrase.gap_after :], words, turn + 1 + skipped)
        if last is not None:
            return last
    return None


def _run(patterns: Sequence[Pattern], words: Sequence[Word], place: int) -> int | None:
    if place + len(patterns) > len(words):
        return None
    for offset, pattern in enumerate(patterns):
        if not pattern.fits(words[place + offset].text):
            return None
    return place + len(patterns) - 1


def _stands_near(guards: Sequence[int], found: range) -> bool:
    """`guards` are the places where guards begin, in order; a symbol stands near nothing."""
    if not found:
        return False
    nearest = bisect_left(guards, found.start - WORDS_AROUND)
    return nearest < len(guards) and guards[nearest] < found.stop + WORDS_AROUND
