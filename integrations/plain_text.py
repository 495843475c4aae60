"""HTML from strangers as the plain text that a reader of the page would see.

Nothing of the markup survives: scripts and styles are dropped, pictures become their
descriptions, blocks and line breaks become line breaks, and a link keeps its address in brackets
where its words hide it.
"""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

_SILENT = frozenset({"script", "style", "template", "noscript", "iframe", "object", "title"})
_BLOCKS = frozenset(
    "address article aside blockquote div dl dd dt fieldset figure figcaption footer form h1 h2 "
    "h3 h4 h5 h6 header hr li main nav ol p pre section table tr ul".split()
)
_PARAGRAPHS = frozenset({"p", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "pre"})
MOST_MARKUP = 500_000
"""Characters of one text that are read; no network shows more."""
_OPENING = re.compile("<!--|<[!?]")
_UNFINISHED = re.compile("<(?![^<>]*>)")
"""A tag that another one begins before it ends is none; the parser would try for long."""
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def plain_text(markup: str) -> str:
    """What the markup says; never raises, whatever the markup is."""
    reader = _Reader()
    # A broken `<![...` makes the parser assert; as text it is harmless.
    harmless = _CONTROLS.sub("", markup[:MOST_MARKUP]).replace("<![", "&lt;![")
    reader.feed(_UNFINISHED.sub("&lt;", _without_comments(harmless)))
    reader.close()
    return reader.text()


def _without_comments(markup: str) -> str:
    """Without comments, declarations and instructions; one that has no end takes the rest along.

    The parser looks for the end of each of them anew, which for many without an end takes as
    long as their number squared (CVE-2025-6069).
    """
    kept: list[str] = []
    at = 0
    while (opening := _OPENING.search(markup, at)) is not None:
        kept.append(markup[at : opening.start()])
        closing = "-->" if opening[0] == "<!--" else ">"
        end = markup.find(closing, opening.end())
        if end < 0:
            return "".join(kept)
        at = end + len(closing)
    return "".join((*kept, markup[at:]))


def escaped(text: str) -> str:
    """Text as HTML that shows exactly it: nothing in it is markup, control characters are gone."""
    clean = _CONTROLS.sub("", text.encode("utf-8", "replace").decode("utf-8"))
    return html.escape(clean, quote=False)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._silent: list[str] = []
        self._links: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._silent:
            return
        if tag in _SILENT:
            self._silent.append(tag)
        elif tag == "a":
            self._links.append((dict(attrs).get("href") or "", len(self._parts)))
        elif tag == "img":
            self._parts.append(dict(attrs).get("alt") or "")
        else:
            self._break(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _SILENT and tag != "a":
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if self._silent:
            if tag == self._silent[-1]:
                self._silent.pop()
        elif tag == "a" and self._links:
            self._end_link()
        elif tag != "br":
            # a line break has no end
            self._break(tag)

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._parts.append(re.sub(r"\s+", " ", data))

    def text(self) -> str:
        lines = (" ".join(line.split()) for line in "".join(self._parts).split("\n"))
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()

    def _break(self, tag: str) -> None:
        if tag == "br":
            self._parts.append("\n")
        elif tag in _PARAGRAPHS:
            self._parts.append("\n\n")
        elif tag in _BLOCKS:
            self._parts.append("\n")

    def _end_link(self) -> None:
        address, start = self._links.pop()
        words = "".join(self._parts[start:]).strip()
        if address.startswith(("http://", "https://")) and not _names(words, address):
            self._parts.append(f" ({address})")


def _names(words: str, address: str) -> bool:
    """Whether the words already show the address, give or take its scheme and last slash."""
    bare = address.split("://", 1)[1].rstrip("/")
    return words.rstrip("/").removeprefix("https://").removeprefix("http://") == bare
