"""What Telegram makes of a text: its HTML parsed as strictly, and what it brings to life by itself.

A judge, written from the documented rules and kept apart from what it judges. Offsets and lengths
are UTF-16 units, as in the Bot API.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

LIMIT = 4096
TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "blockquote": "blockquote",
}
_KNOWN_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);")
_TAG = re.compile(r"<(/?)([a-zA-Z-]*)((?:[^>\"']|\"[^\"]*\"|'[^']*')*)(>?)")
_ATTRIBUTE = re.compile(r"\s*([a-zA-Z-]+)(?:=\"([^\"]*)\"|=([^\s\">]+))?")


class CannotParse(ValueError):
    """The message says what the Bot API would."""


@dataclass(frozen=True, slots=True)
class Entity:
    kind: str
    offset: int
    length: int
    url: str = ""


@dataclass(frozen=True, slots=True)
class Parsed:
    text: str
    entities: tuple[Entity, ...]

    def said(self, entity: Entity) -> str:
        """The text that an entity covers."""
        raw = self.text.encode("utf-16-le", "surrogatepass")
        piece = raw[2 * entity.offset : 2 * (entity.offset + entity.length)]
        return piece.decode("utf-16-le", "surrogatepass")


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def parsed(markup: str) -> Parsed:
    """Text and entities; CannotParse for what Telegram refuses."""
    return _Parser(markup).run()


class _Parser:
    def __init__(self, markup: str) -> None:
        self._markup = markup
        self._text: list[str] = []
        self._length = 0
        self._open: list[tuple[str, str, int]] = []
        self._entities: list[Entity] = []

    def run(self) -> Parsed:
        at = 0
        while at < len(self._markup):
            if self._markup[at] != "<":
                end = self._markup.find("<", at)
                end = len(self._markup) if end < 0 else end
                self._say(self._markup[at:end])
                at = end
                continue
            tag = _TAG.match(self._markup, at)
            assert tag is not None
            self._tag(tag)
            at = tag.end()
        if self._open:
            raise CannotParse(
                f"can't parse entities: can't find end tag corresponding to start tag "
                f'"{self._open[-1][0]}"'
            )
        return Parsed("".join(self._text), tuple(sorted(self._entities, key=lambda e: e.offset)))

    def _say(self, raw: str) -> None:
        for match in re.finditer(r"&", raw):
            if not _KNOWN_ENTITY.match(raw, match.start()):
                # Telegram shows an unknown one as it is; ours are always known
                raise CannotParse("can't parse entities: an ampersand that was not escaped")
        text = html.unescape(raw)
        self._text.append(text)
        self._length += units(text)

    def _tag(self, tag: re.Match[str]) -> None:
        closing, name, rest, end = tag.groups()
        name = name.lower()
        if not end:
            raise CannotParse(f'can\'t parse entities: unclosed start tag "{name}"')
        if name not in TAGS:
            raise CannotParse(f'can\'t parse entities: unsupported start tag "{name}"')
        if closing:
            self._close(name)
            return
        attributes = {one[1]: one[2] or one[3] or "" for one in _ATTRIBUTE.finditer(rest)}
        self._start(name, attributes)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        allowed = {"a": {"href"}, "blockquote": {"expandable"}}.get(name, set())
        if set(attributes) - allowed:
            raise CannotParse(f"can't parse entities: attribute of {name} that means nothing")
        inside = {opened for opened, _url, _at in self._open}
        if inside & {"code", "pre"}:
            raise CannotParse("can't parse entities: an entity inside of code")
        if name == "blockquote" and "blockquote" in inside:
            raise CannotParse("can't parse entities: a blockquote inside of a blockquote")
        url = html.unescape(attributes.get("href", ""))
        if name == "a" and not urlsplit(url).scheme:
            raise CannotParse("can't parse entities: a link without an address")
        self._open.append((name, url, self._length))

    def _close(self, name: str) -> None:
        if not self._open or self._open[-1][0] != name:
            expected = self._open[-1][0] if self._open else ""
            raise CannotParse(
                f'can\'t parse entities: unmatched end tag, expected "</{expected}>", found '
                f'"</{name}>"'
            )
        _, url, offset = self._open.pop()
        if self._length > offset:
            self._entities.append(Entity(TAGS[name], offset, self._length - offset, url))


# What Telegram finds by itself. Written after the rules of its open client library (TDLib).

_MENTION = re.compile(r"(?<![\w@])@[A-Za-z0-9_]{2,32}(?!\w)")
_HASHTAG = re.compile(r"(?<!\w)[#＃]\w+")
_CASHTAG = re.compile(r"(?<![\w$])\$[A-Z]{1,8}(?![A-Za-z0-9])", re.IGNORECASE)
_COMMAND = re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@\w+)?")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_WEB = re.compile(r"(?:[a-z]{2,8}://)?[\w~-]+(?:\.[\w~-]+)*\.[^\W\d_]{2,}", re.IGNORECASE)
_NUMBERED = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])")
_SCHEME = re.compile(r"\b(?:tg|ton|tonsite|https?|ftp)://\w", re.IGNORECASE)
_ALIVE = {
    "mention": (_MENTION,),
    "hashtag": (_HASHTAG,),
    "cashtag": (_CASHTAG,),
    "bot_command": (_COMMAND,),
    "email": (_EMAIL,),
    "url": (_WEB, _NUMBERED, _SCHEME),
}
_QUIET = {"code", "pre", "text_link"}
"""Inside of these nothing is looked for."""


def alive(message: Parsed) -> list[tuple[str, str]]:
    """Kind and words of whatever in the text would become something to tap."""
    found = []
    for kind, patterns in _ALIVE.items():
        for pattern in patterns:
            found += [
                (kind, match.group())
                for match in pattern.finditer(message.text)
                if not _is_quiet(message, units(message.text[: match.start()]))
            ]
    return found


def _is_quiet(message: Parsed, offset: int) -> bool:
    return any(
        one.kind in _QUIET and one.offset <= offset < one.offset + one.length
        for one in message.entities
    )


def is_allowed_link(url: str) -> bool:
    """To the web, or to a person whom the desk calls by their number."""
    called = re.fullmatch(r"tg://user\?id=\d+", url) is not None
    return called or urlsplit(url).scheme in {"", "http", "https"}


def complaints(markup: str, keyboard: dict[str, list[list[dict[str, str]]]]) -> list[str]:
    """What the Bot API, or a reader, would hold against a message of ours."""
    try:
        message = parsed(markup)
    except CannotParse as error:
        return [str(error)]
    found = [f"{kind} is alive: {said!r}" for kind, said in alive(message)]
    if not message.text.strip():
        found.append("message text is empty")
    if units(message.text) > LIMIT:
        found.append(f"message is too long: {units(message.text)}")
    if len(message.entities) > 100:
        found.append(f"{len(message.entities)} entities, and Telegram keeps 100")
    if not all(map(is_allowed_link, (one.url for one in message.entities))):
        found.append("a link that is none of the web")
    return found + keyboard_complaints(keyboard)


def keyboard_complaints(keyboard: dict[str, list[list[dict[str, str]]]]) -> list[str]:
    rows = keyboard["inline_keyboard"]
    buttons = [button for row in rows for button in row]
    found = [f"row of {len(row)} buttons" for row in rows if not 1 <= len(row) <= 8]
    if len(buttons) > 100:
        found.append(f"{len(buttons)} buttons")
    for button in buttons:
        does = set(button) - {"text", "style"}
        if len(does) != 1:
            found.append(f"a button does {sorted(does)}")
        if not button["text"].strip():
            found.append("a button without a text")
        if button.get("style", "success") not in {"success", "danger", "primary"}:
            found.append(f"style {button['style']}")
        if "callback_data" in button and not 1 <= len(button["callback_data"].encode()) <= 64:
            found.append(f"BUTTON_DATA_INVALID: {button['callback_data']!r}")
        if units(button.get("switch_inline_query_current_chat", "")) > 256:
            found.append("a prefilled query that is too long")
    return found
