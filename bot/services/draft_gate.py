"""The last word on a text that a model wrote: what must not stand in it, however it got there.

The comment is untrusted, and a model may obey it. So nothing of the comment excuses anything: a
link, an address, a handle or a long number may stand in a draft only when staff brought it, in the
brand's voice, in the instruction, in the version before, or in the allow-list. The gate is pure and
knows no model; the same text always meets the same answer.

Looking is done on a copy in which compatibility forms, look-alike dots and invisible characters are
undone; what is invisible is refused by itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence

from bot.model.draft import DraftRequest
from bot.model.triage import UNDETERMINED, LanguageCode
from bot.services.language import LEAST_LETTERS, identify_language

SHORTEST_LONG_NUMBER = 7
"""Digits from which a number may be somebody's: a phone, an order, an account."""

_DOTS = str.maketrans("\u3002\u2024\ufe52", "...")
_HIDDEN_DOT = re.compile(r"\s*[\[({<]\s*(?:\.|dot|point|punct|точка)\s*[\])}>]\s*", re.IGNORECASE)
_SPOKEN_DOT = re.compile(
    r"\s+(?:dot|point|punct|точка)\s+(?=(?:com|net|org|info|io|co|ru|ro|fr|xyz|app|me)\b)",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"\b(?:hxxps?|https?|ftp|mailto|tel|javascript|data)\s*:\s*/{0,2}", re.I)
# Upper case after a full stop is a sentence whose space was forgotten, not a host.
_HOST = re.compile(
    r"(?<![\w.-])((?:[\w-]{1,63}\.)+(?:[a-z\u00e0-\u024f\u0430-\u052f]{2,24}|[A-Z]{2,24}"
    r"|xn--[\w-]{2,59})|(?:\d{1,3}\.){3}\d{1,3})(?![\w-])(?::\d+)?((?:/[^\s?#]*)?)"
)
_HANDLE = re.compile(r"@\s?([^\W\d_][\w.-]{0,63})")
_HASHTAG = re.compile(r"#([^\W\d]\w*)")
_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}[./]\d{1,2}[./]\d{4}\b")
_NUMBER = re.compile(r"\d(?:[\s().+/\u2010-\u2015-]{0,3}\d)+")
_MIXED_WORD = re.compile(
    r"[a-z\u00c0-\u024f][\u0400-\u052f]|[\u0400-\u052f][a-z\u00c0-\u024f]", re.I
)

_FORBIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_ZERO_WIDTH_JOINER = "\u200d"


class DraftGate:
    """`allowed` are hosts (their subdomains too), handles, hashtags and numbers of the brand."""

    def __init__(self, allowed: Collection[str] = ()) -> None:
        self._allowed = frozenset(word.casefold().lstrip("@#") for word in allowed)
        self._allowed_numbers = frozenset(map(_digits, allowed)) - {""}

    def objection(self, text: str, request: DraftRequest) -> str | None:
        """Why the text must not be offered, as the end of "it ..."; None when it may."""
        if not text.strip():
            return "is empty"
        if len(text) > request.max_length:
            return f"has {len(text)} characters, and {max(0, request.max_length)} are allowed"
        if _holds_invisible(text):
            return "holds control or invisible characters"
        if _MIXED_WORD.search(text):
            return "mixes two alphabets in one word"
        if not _is_in_script_of(text, request.language):
            return f"is not written in the letters of the language asked for ({request.language})"
        return self._smuggled(text, request)

    def _smuggled(self, text: str, request: DraftRequest) -> str | None:
        shown = _unmasked(text)
        staff = _unmasked("\n".join((request.voice, request.instruction, request.previous)))
        known = frozenset(_names(staff)) | self._allowed
        if any(not self._is_known_host(host, known) for host in _hosts(shown)):
            return "holds a link or an address that no member of the team gave"
        if _SCHEME.search(shown) and not _hosts(shown):
            return "holds a link that no member of the team gave"
        if any(handle not in known for handle in _handles(shown)):
            return "mentions somebody whom no member of the team named"
        if any(tag not in known for tag in _hashtags(shown)):
            return "holds a hashtag that no member of the team gave"
        numbers = frozenset(_long_numbers(staff)) | self._allowed_numbers
        if any(number not in numbers for number in _long_numbers(shown)):
            return "holds a telephone number or another long number that no member of the team gave"
        return None

    def _is_known_host(self, host: str, known: Collection[str]) -> bool:
        """By whole labels from the right: `acme.com.attacker.ru` is not of acme.com."""
        return host in known or any(host.endswith(f".{ours}") for ours in self._allowed)


def _unmasked(text: str) -> str:
    visible = "".join(
        character
        for character in unicodedata.normalize("NFKC", text)
        if character in "\n\t" or unicodedata.category(character) not in _FORBIDDEN_CATEGORIES
    )
    return _SPOKEN_DOT.sub(".", _HIDDEN_DOT.sub(".", visible.translate(_DOTS)))


def _holds_invisible(text: str) -> bool:
    """A joiner between two parts of one emoji is the only format character a reply needs."""
    for place, character in enumerate(text):
        if character == _ZERO_WIDTH_JOINER and _joins_emoji(text, place):
            continue
        if character != "\n" and unicodedata.category(character) in _FORBIDDEN_CATEGORIES:
            return True
    return False


def _joins_emoji(text: str, place: int) -> bool:
    before = text[:place].rstrip("\ufe0f")[-1:]
    after = text[place + 1 : place + 2]
    return all(
        side and unicodedata.category(side) in {"So", "Sk", "Sm"} for side in (before, after)
    )


def _is_in_script_of(text: str, language: str) -> bool:
    if language == UNDETERMINED or sum(map(str.isalpha, text)) < LEAST_LETTERS:
        return True
    code = LanguageCode(language.casefold().partition("-")[0])
    return identify_language(text, [code], _OnlyTheScript()) == code


class _OnlyTheScript:
    """With one candidate the script alone decides, and nobody is asked."""

    def identify(self, text: str, languages: Sequence[LanguageCode]) -> LanguageCode:
        return languages[0]


def _names(text: str) -> Iterator[str]:
    yield from _hosts(text)
    yield from _handles(text)
    yield from _hashtags(text)


def _hosts(text: str) -> list[str]:
    return [match.group(1).casefold() for match in _HOST.finditer(text)]


def _handles(text: str) -> list[str]:
    return [match.group(1).casefold().rstrip(".-") for match in _HANDLE.finditer(text)]


def _hashtags(text: str) -> list[str]:
    return [match.group(1).casefold() for match in _HASHTAG.finditer(text)]


def _long_numbers(text: str) -> Iterator[str]:
    for match in _NUMBER.finditer(_DATE.sub(" ", text)):
        digits = _digits(match.group())
        if len(digits) >= SHORTEST_LONG_NUMBER:
            yield digits


def _digits(text: str) -> str:
    return "".join(
        str(unicodedata.digit(character))
        for character in text
        if unicodedata.category(character) == "Nd"
    )
