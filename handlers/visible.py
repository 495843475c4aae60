"""Somebody else's characters as text and nothing but text; what hides is shown or left out.

HTML escaping is the template's work; this is about characters that change how their neighbours
look or that hide words from the reader. Joiners stay, emoji and some scripts need them.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

_TAGS = re.compile("[\U000e0000-\U000e007f]+")
_FLAG = "\U0001f3f4"
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_UNSEEN = re.compile("[\u00ad\u180e\u200b\u2060-\u2064\u206a-\u206f\ufeff\ufff9-\ufffb]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")
_MARKS_IN_A_ROW = 4


def visible(text: str) -> str:
    """The text with tricks made plain.

    Direction overrides and control characters become a mark, zero-width ones go, words written
    in invisible tag characters are spelt out, heaps of accents and of empty lines are lowered.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _SURROGATE.sub("\ufffd", text)
    text = _TAGS.sub(_spell_out, text)
    text = _UNSEEN.sub("", text)
    text = _BIDI.sub(_name_mark, text)
    text = _CONTROL.sub(_picture, text)
    return _BLANK_LINES.sub("\n\n", _with_few_marks(text))


def sendable(text: str) -> str:
    """The text unchanged except for lone surrogates, which no answer can carry."""
    return _SURROGATE.sub("\ufffd", text)


def is_web_link(url: str) -> bool:
    """True for http or https with a host, and nothing that a browser would strip and reread."""
    if any(character.isspace() or not character.isprintable() for character in url):
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return False


def _spell_out(match: re.Match[str]) -> str:
    before = match.string[match.start() - 1 : match.start()]
    if before == _FLAG:
        return match.group()  # the flags of England, Scotland and Wales
    hidden = "".join(
        chr(ord(character) - 0xE0000) for character in match.group() if ord(character) >= 0xE0020
    )
    return f"[hidden: {hidden.rstrip(chr(0x7F))}]"


def _name_mark(match: re.Match[str]) -> str:
    mark = match.group()
    if mark in {"\u200e", "\u200f", "\u061c"}:
        return ""  # ordinary in Arabic and Hebrew; each quote has a direction of its own
    return f"[{unicodedata.name(mark).lower()}]"


def _picture(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    return "\n" if code in {0x85, 0x2028, 0x2029} else "\ufffd"


def _with_few_marks(text: str) -> str:
    if text.isascii():
        return text
    kept: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character) in {"Mn", "Me"} else 0
        if marks <= _MARKS_IN_A_ROW:
            kept.append(character)
    return "".join(kept)
