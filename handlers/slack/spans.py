"""Spans as what Slack draws: rich text, where nothing is markup, or one small line.

Slack parses `mrkdwn`: `<!channel>` notifies everybody, and there is no escape for `*`, `_`, `~`
and the backtick. Rich text is a tree, and its leaves are text and nothing but text. So somebody
else's words stand in rich text or `plain_text` alone; a small line is drawn as `mrkdwn` only when
every word in it is ours and none of its signs means anything.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any

from bot.cards.card import (
    Added,
    Bold,
    Link,
    MemberName,
    Removed,
    Span,
    Text,
    Untrusted,
    When,
    plain,
)
from bot.model.ids import SECOND, Moment
from bot.speech.speech import ENGLISH, Speech
from handlers.moments import day_and_time
from handlers.slack.limits import SENTENCE, URL
from handlers.slack.payloads import CHAT
from handlers.visible import is_web_link, visible

Element = dict[str, Any]
"""A piece of Block Kit; https://docs.slack.dev/reference/block-kit says which there are."""

_MARKUP = re.compile(r"[*_~`]|:[a-z0-9_+'-]+:|^\s*>", re.MULTILINE)
_LATEST = 253_402_300_799 - 172_800
_FORMAT = "{date_short_pretty} {time}"


def escaped(text: str) -> str:
    """For `mrkdwn` and a message's `text`: no mention, no link, no entity survives this."""
    return visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescaped(text: str) -> str:
    """What Slack sent, without its escapes; what it mentions stays as Slack writes it."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def rich(spans: Sequence[Span], zone: tzinfo, speech: Speech = ENGLISH) -> list[Element]:
    """Elements of a `rich_text_section` or `rich_text_quote`; none for what shows nothing."""
    elements = [element for span in spans for element in _element(span, zone, speech)]
    is_blank = all(not one.get("text", "x").strip() for one in elements)
    return [] if is_blank else elements


def words(text: str, style: str = "") -> list[Element]:
    """Text as rich text elements, `bold` or `strike`; none when nothing is to be seen."""
    shown = visible(text)
    if not shown.strip():
        return [{"type": "text", "text": shown}] if shown else []
    element: Element = {"type": "text", "text": shown}
    return [element | {"style": {style: True}} if style else element]


def small(spans: Sequence[Span], zone: tzinfo, speech: Speech = ENGLISH) -> str | None:
    """The spans as `mrkdwn`, or None when they are better drawn as rich text."""
    parts = [_marked(span, zone, speech) for span in spans]
    if any(part is None for part in parts):
        return None
    line = "".join(part for part in parts if part)
    return line if len(line) <= SENTENCE else None


def only_words(spans: Sequence[Span]) -> str | None:
    """The spans as text, or None when something in them is more than text."""
    if any(isinstance(span, When | Link | Bold) for span in spans):
        return None
    if any(isinstance(span, MemberName) and span.user_in(CHAT) for span in spans):
        return None
    return visible(plain(spans))


def in_figures(at: Moment, zone: tzinfo, speech: Speech = ENGLISH) -> str:
    """`Fri 27 Nov, 18:00`: where Slack does not show the moment in the reader's own zone."""
    return day_and_time(datetime.fromtimestamp(_seconds(at), UTC).astimezone(zone), speech)


def _element(span: Span, zone: tzinfo, speech: Speech) -> list[Element]:
    match span:
        case Bold(text=text) | Added(text=text):
            return words(text, "bold")
        case Removed(text=text):
            return words(text, "strike")
        case Link(text=text, url=url) if is_web_link(url) and len(url) <= URL:
            shown = visible(text)
            return [{"type": "link", "url": url} | ({"text": shown} if shown.strip() else {})]
        case MemberName(name=name):
            user = span.user_in(CHAT)
            return words(name) if user is None else [{"type": "user", "user_id": user}]
        case When(at=at):
            stamp = {"timestamp": _seconds(at), "fallback": in_figures(at, zone, speech)}
            return [{"type": "date", "format": _FORMAT, **stamp}]
        case Text(text=text) | Untrusted(text=text) | Link(text=text):
            return words(text)


def _marked(span: Span, zone: tzinfo, speech: Speech) -> str | None:
    match span:
        case When(at=at):
            return f"<!date^{_seconds(at)}^{_FORMAT}|{in_figures(at, zone, speech)}>"
        case MemberName() if span.user_in(CHAT) is not None:
            return None
        case Text(text=text) | MemberName(name=text):
            return None if _MARKUP.search(text) else escaped(text)
        case Bold(text=text):
            # a star is only read as one where no white space is inside of it
            plain = not _MARKUP.search(text) and text.strip() == text and "\n" not in text
            return f"*{escaped(text)}*" if plain and escaped(text) else None
        case _:
            return None


def _seconds(at: Moment) -> int:
    return min(max(int(at) // SECOND, 0), _LATEST)
