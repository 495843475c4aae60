"""Texts as Telegram's HTML: escaped, and with nothing in them that Telegram would bring to life.

Telegram looks into every text for mentions, links, commands and tags, whatever the markup says. A
word joiner, which is invisible and has no width, beside the character that makes such a thing
keeps it text. It is taken out again of whatever a person copies from a card and sends back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from html import escape, unescape

from bot.cards.card import (
    Added,
    Bold,
    Link,
    MemberName,
    Removed,
    Span,
    Spans,
    Text,
    Untrusted,
    When,
)
from bot.model.ids import Moment
from bot.speech.speech import ENGLISH, Speech
from handlers.moments import time_label
from handlers.visible import is_web_link, visible

CHAT = "telegram"
"""What members' identities call this chat."""

JOINER = "\u2060"
_BEFORE_A_WORD = re.compile(r"[@#＃](?=\w)|(?<![\w<])/(?=\w)")
_CASHTAG = re.compile(r"\$(?=[A-Za-z])")
_DOT = re.compile(r"(?<!\s)\.(?=\w)")
_SCHEME = re.compile(r":(?=//)")
_BEGINS_SOMETHING = tuple("@#＃/$.:")
_TAG = re.compile(r"<[^>]*>")
_LINE_BREAKS = re.compile(r"\s*\n\s*")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a message depends on besides the card: when it is drawn, and for whom."""

    now: Moment
    zone: tzinfo
    speech: Speech = ENGLISH


def inert(text: str) -> str:
    """The same to the eye, and nothing in it is a link, a mention, a command or a tag."""
    text = _BEFORE_A_WORD.sub(rf"\g<0>{JOINER}", text)
    text = _CASHTAG.sub(rf"\g<0>{JOINER}", text)
    text = _DOT.sub(rf"{JOINER}\g<0>", text)
    return _SCHEME.sub(rf"\g<0>{JOINER}", text)


def typed(text: str) -> str:
    """What a person meant who may have copied a piece of a card."""
    return text.replace(JOINER, "")


# Elements; one that would hold nothing is left out, as Telegram does


def words(text: str) -> str:
    """Text as HTML; it is our own, or made visible."""
    return escape(inert(text))


def bold(text: str) -> str:
    return _element("b", words(text))


def struck(text: str) -> str:
    return _element("s", words(text))


def italic(text: str) -> str:
    return _element("i", words(text))


def code(text: str) -> str:
    """As it is, to be copied by a tap; Telegram looks for nothing in it."""
    return _element("code", escape(text))


def pre(text: str) -> str:
    """As `code`, over several lines."""
    return _element("pre", escape(text))


def link(text: str, url: str) -> str:
    return f'<a href="{escape(url)}">{words(text)}</a>' if text.strip() else ""


def mention(name: str, user: str) -> str:
    """Whoever has this number in Telegram is told; `name` is what they are called here."""
    return f'<a href="tg://user?id={escape(user)}">{words(name)}</a>' if name.strip() else ""


def quote(html: str) -> str:
    """`html` holds no quote itself."""
    return _element("blockquote", html)


def folded_quote(html: str) -> str:
    """One that shows three lines until it is tapped."""
    return f"<blockquote expandable>{html}</blockquote>" if html.strip() else ""


def _element(name: str, html: str) -> str:
    return f"<{name}>{html}</{name}>" if html.strip() else ""


def lines(parts: Iterable[str]) -> str:
    """Those that say something, under each other."""
    return "\n".join(part for part in parts if part.strip())


def plain(html: str) -> str:
    """The text that a reader sees, and what is sent where Telegram refuses the markup."""
    return unescape(_TAG.sub("", html))


# Spans


def spans_html(spans: Sequence[Span], reading: Reading) -> str:
    """Of spans whose texts are visible."""
    return "".join(_apart(_span_html(span, reading)) for span in spans)


def _apart(html: str) -> str:
    """What a span ends with must not begin something with the first word of the next one."""
    return html + JOINER if plain(html).endswith(_BEGINS_SOMETHING) else html


def _span_html(span: Span, reading: Reading) -> str:
    match span:
        case MemberName(name=name):
            user = span.user_in(CHAT)
            return words(name) if user is None else mention(name, user)
        case Text(text=text) | Untrusted(text=text):
            return words(text)
        case Bold(text=text) | Added(text=text):
            return bold(text)
        case Removed(text=text):
            return struck(text)
        case Link(text=text, url=url):
            return link(text, url) if is_web_link(url) else words(text)
        case When(at=at):
            return words(time_label(at, reading.now, reading.zone, reading.speech))


def seen(spans: Spans) -> Spans:
    """The spans with every character in them made visible."""
    return tuple(_seen_span(span) for span in spans)


def on_one_line(spans: Spans) -> Spans:
    """As `seen`, and nothing in them can pass for a line of ours."""
    return tuple(_joined(span) for span in seen(spans))


def one_line(text: str) -> str:
    return _LINE_BREAKS.sub(" ", visible(text))


def _seen_span(span: Span) -> Span:
    match span:
        case Text() | Bold() | Link() | Untrusted() | Removed() | Added():
            return replace(span, text=visible(span.text))
        case MemberName():
            return replace(span, name=visible(span.name))
        case When():
            return span


def _joined(span: Span) -> Span:
    match span:
        case Text() | Bold() | Link() | Untrusted() | Removed() | Added():
            return replace(span, text=_LINE_BREAKS.sub(" ", span.text))
        case MemberName():
            return replace(span, name=_LINE_BREAKS.sub(" ", span.name))
        case When():
            return span
