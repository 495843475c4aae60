"""A status's HTML as the text that its reader sees.

Servers shorten what they show: `@ada@far.example` stands in the HTML as a link that says `@ada`,
a long address as three spans of which two are invisible. Here people are named in full, because
that is how they must be named in an answer, and addresses stand whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html.parser import HTMLParser

from yarl import URL

from integrations.mastodon.entities import NamedPerson

_SILENT = frozenset({"script", "style", "template"})
_PARAGRAPHS = frozenset({"p", "blockquote", "pre", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6"})
_BLOCKS = frozenset({"li", "div"})
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def shown_text(content: str, people: Iterable[NamedPerson] = (), domain: str = "") -> str:
    """What the HTML says; never raises. `domain` completes the names of our own server."""
    reader = _Reader({person.url: full_name(person.acct, domain) for person in people})
    # A broken `<![...` makes the parser assert; as text it is harmless.
    reader.feed(_CONTROLS.sub("", content).replace("<![", "&lt;!["))
    reader.close()
    return reader.text()


def full_name(acct: str, domain: str) -> str:
    """`name@host`, also for people of our own server, whom it writes without a host."""
    return acct if "@" in acct or not domain else f"{acct}@{domain}"


@dataclass(frozen=True, slots=True)
class _Link:
    address: str
    kinds: frozenset[str]
    start: int


class _Reader(HTMLParser):
    def __init__(self, names: dict[str, str]) -> None:
        super().__init__(convert_charrefs=True)
        self._names = names
        self._parts: list[str] = []
        self._links: list[_Link] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        elif tag == "br":
            self._parts.append("\n")
        elif tag == "a":
            told = dict(attrs)
            kinds = frozenset((told.get("class") or "").split())
            self._links.append(_Link(told.get("href") or "", kinds, len(self._parts)))
        else:
            self._break(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self._parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag == "a" and self._links:
            link = self._links.pop()
            words = "".join(self._parts[link.start :])
            self._parts[link.start :] = [self._said(link, words)]
        else:
            self._break(tag)

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._parts.append(re.sub(r"\s+", " ", data))

    def text(self) -> str:
        lines = (" ".join(line.split()) for line in "".join(self._parts).split("\n"))
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()

    def _break(self, tag: str) -> None:
        if tag in _PARAGRAPHS:
            self._parts.append("\n\n")
        elif tag in _BLOCKS:
            self._parts.append("\n")

    def _said(self, link: _Link, words: str) -> str:
        """A hashtag as it is, a person by the full name, an address that its words hide."""
        bare = words.strip()
        if bare.startswith("#") or "hashtag" in link.kinds:
            return words
        if bare.startswith("@") and (link.address in self._names or "mention" in link.kinds):
            return f"@{self._names.get(link.address) or _named(bare[1:], link.address)}"
        address = _parsed(link.address)
        if address is None or bare.rstrip("/") == link.address.rstrip("/"):
            return words
        if _parsed(bare) == address or _parsed(f"https://{bare}") == address:
            return words
        return f"{words} ({link.address})"


def _named(name: str, address: str) -> str:
    where = _parsed(address)
    return full_name(name, where.host if where and where.host else "")


def _parsed(address: str) -> URL | None:
    if not address.startswith(("http://", "https://")):
        return None
    try:
        return URL(address)
    except ValueError:
        return None
