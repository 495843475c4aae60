"""Finds the cues of all packs in a text, in time linear in the text's words.

Phrases are indexed by their first word, or by the first letters of a first word that is a stem,
so each word of the text costs a few dictionary look-ups, however many cues the packs hold. What
may begin with two words is remembered: people use few of them. Guards are found the same way, in
one pass for all rules, and only when some cue was found. There is one index for all languages, and
whoever looks says which of the cues that begin with a word count: an index for each choice was
most of what a triage held in memory.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from bot.services.folded_text import FoldedText, Word
from bot.services.lexicon import GAP, STEM, Phrase, Rule

Cue = tuple[Rule, Phrase]
Choice = Callable[[Sequence[Cue]], Sequence[Cue]]
"""Which cues count, of some that hold all that begin with one word, or all symbols."""

MOST_WORDS_IN_GAP = 3
WORDS_AROUND = 6
"""A guard phrase counts when it begins this near to the cue."""
MOST_PAIRS_REMEMBERED = 4_096


@dataclass(frozen=True, slots=True)
class Hit:
    """`start` and `end` are places in the folded text; `words` are numbers of words, maybe none."""

    rule: Rule
    start: int
    end: int
    words: range


class CueIndex:
    """The cues of some rules, and the guards of those rules."""

    def __init__(self, cues: Iterable[Cue]) -> None:
        kept = tuple(cues)
        rules = {rule.name: rule for rule, _phrase in kept}
        self._cues = _PhraseIndex(kept)
        self._guards = _PhraseIndex(
            (rule, guard) for rule in rules.values() for guard in rule.not_with
        )

    def hits(self, text: FoldedText, choice: Choice) -> tuple[Hit, ...]:
        """All chosen cues that are meant, in the order of the text, symbols last."""
        found = (*self._cues.word_hits(text, choice), *self._cues.symbol_hits(text, choice))
        if not found:
            return ()
        silenced = {hit.rule.name for hit in self._guards.symbol_hits(text, every)}
        guards: dict[str, list[int]] = defaultdict(list)
        for hit in self._guards.word_hits(text, every):
            guards[hit.rule.name].append(hit.words.start)
        return tuple(
            hit
            for hit in found
            if hit.rule.name not in silenced
            and not _stands_near(guards.get(hit.rule.name, ()), hit.words)
            and not (hit.rule.at_start and not text.words[hit.words.start].opens_sentence)
        )


class _PhraseIndex:
    def __init__(self, cues: Iterable[Cue]) -> None:
        by_word: dict[str, list[Cue]] = defaultdict(list)
        by_stem: dict[str, list[Cue]] = defaultdict(list)
        symbols: list[Cue] = []
        for cue in cues:
            first = cue[1][0]
            if not any(map(str.isalnum, first)):
                symbols.append(cue)
            elif first[-1] == STEM:
                by_stem[first[:-1]].append(cue)
            else:
                by_word[first].append(cue)
        # tuples take half of the memory of lists that have grown
        self._by_word = {word: tuple(found) for word, found in by_word.items()}
        self._by_stem = {stem: tuple(found) for stem, found in by_stem.items()}
        self._symbols = tuple(symbols)
        self._stem_lengths = sorted({len(stem) for stem in by_stem})
        self._beginning_with = lru_cache(MOST_PAIRS_REMEMBERED)(self._find_beginning_with)
        self._chosen_symbols = cache(self._choose_symbols)

    def word_hits(self, text: FoldedText, choice: Choice) -> Iterator[Hit]:
        words = text.words
        following = (*(word.text for word in words[1:]), "")
        for place, word in enumerate(words):
            for rule, phrase in self._beginning_with(choice, word.text, following[place]):
                last = _last_word(phrase, words, place)
                if last is not None:
                    yield Hit(rule, word.start, words[last].end, range(place, last + 1))

    def symbol_hits(self, text: FoldedText, choice: Choice) -> Iterator[Hit]:
        for rule, (symbol,) in self._chosen_symbols(choice, text.folded.isascii()):
            start = text.folded.find(symbol)
            if start >= 0:
                yield Hit(rule, start, start + len(symbol), range(0))

    def _choose_symbols(self, choice: Choice, is_ascii: bool) -> Sequence[Cue]:
        chosen = choice(self._symbols)
        return [cue for cue in chosen if cue[1][0].isascii()] if is_ascii else chosen

    def _find_beginning_with(self, choice: Choice, word: str, following: str) -> tuple[Cue, ...]:
        """Cues whose first word is `word` and whose second, where it follows at once, is next."""
        found = list(self._by_word.get(word, ()))
        for length in self._stem_lengths:
            if length > len(word):
                break
            found += self._by_stem.get(word[:length], ())
        return tuple(cue for cue in choice(found) if _goes_on(cue[1], following))


def every(cues: Sequence[Cue]) -> Sequence[Cue]:
    """The choice of all cues."""
    return cues


def _goes_on(phrase: Phrase, following: str) -> bool:
    return len(phrase) == 1 or phrase[1] == GAP or _fits(phrase[1], following)


def _fits(pattern: str, word: str) -> bool:
    return word.startswith(pattern[:-1]) if pattern[-1] == STEM else word == pattern


def _last_word(phrase: Phrase, words: Sequence[Word], place: int) -> int | None:
    """The number of the phrase's last word if it begins at `place`, where its first one stands."""
    if GAP not in phrase:
        return _run(phrase, 1, words, place + 1)
    gap = phrase.index(GAP)
    turn = _run(phrase[:gap], 1, words, place + 1)
    if turn is None:
        return None
    for skipped in range(MOST_WORDS_IN_GAP + 1):
        last = _run(phrase, gap + 1, words, turn + 1 + skipped)
        if last is not None:
            return last
    return None


def _run(phrase: Phrase, first: int, words: Sequence[Word], place: int) -> int | None:
    """The number of the last word if the phrase from `first` on fits the words from `place` on."""
    last = place + len(phrase) - first
    if last > len(words):
        return None
    while place < last:
        if not _fits(phrase[first], words[place].text):
            return None
        first += 1
        place += 1
    return last - 1


def _stands_near(guards: Sequence[int], found: range) -> bool:
    """`guards` are the places where guards begin, in order; a symbol stands near nothing."""
    if not found:
        return False
    nearest = bisect_left(guards, found.start - WORDS_AROUND)
    return nearest < len(guards) and guards[nearest] < found.stop + WORDS_AROUND
