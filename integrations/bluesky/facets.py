"""Facets: the parts of a text that are mentions, links and hashtags.

Bluesky does not look for them in the text; whoever writes a post says where they are, in bytes
of its UTF-8 form (`app.bsky.richtext.facet`). The server does not check the ranges, so a wrong
one would show: they are cut here as the official app cuts them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from integrations.bluesky.characters import characters_in
from integrations.bluesky.syntax import is_handle

_INVISIBLE = "\u00ad\u2060\u200a\u200b\u200c\u200d\u20e2"
_MENTION = re.compile(r"(?:^|(?<=[\s(]))@([a-zA-Z0-9.-]+)\b")
_LINK = re.compile(r"(?:^|(?<=[\s(]))https?://[^\s/]\S*")
_TAG = re.compile(rf"(?:^|(?<=\s))[#＃](?!\ufe0f)([^\s{_INVISIBLE}]+)")
_CLOSERS = ".,;:!?\"'»”’"

Facet = dict[str, Any]


def handles_in(text: str) -> tuple[str, ...]:
    """The handles that a text names with `@`, as written, each once."""
    return tuple(
        dict.fromkeys(match[1] for match in _MENTION.finditer(text) if is_handle(match[1].lower()))
    )


def facets_of(text: str, dids: Mapping[str, str]) -> list[Facet]:
    """Facets in the order of the text; `dids` has the DID of each lower-case handle."""
    found = [*_mentions(text, dids), *_links(text), *_tags(text)]
    return sorted(found, key=lambda facet: int(facet["index"]["byteStart"]))


def _mentions(text: str, dids: Mapping[str, str]) -> Iterator[Facet]:
    for match in _MENTION.finditer(text):
        did = dids.get(match[1].lower())
        if did is not None:
            yield _facet(
                text, match.start(), match.end(), "app.bsky.richtext.facet#mention", "did", did
            )


def _links(text: str) -> Iterator[Facet]:
    for match in _LINK.finditer(text):
        uri = _without_closers(match[0])
        end = match.start() + len(uri)
        yield _facet(text, match.start(), end, "app.bsky.richtext.facet#link", "uri", uri)


def _without_closers(uri: str) -> str:
    """A link without the punctuation of the sentence around it."""
    while uri and (uri[-1] in _CLOSERS or (uri[-1] == ")" and "(" not in uri)):
        uri = uri[:-1]
    return uri


def _tags(text: str) -> Iterator[Facet]:
    for match in _TAG.finditer(text):
        tag = match[1]
        while tag and _is_punctuation(tag[-1]):
            tag = tag[:-1]
        is_word = any(not (sign.isdecimal() or _is_punctuation(sign)) for sign in tag)
        if is_word and characters_in(tag) <= 64 and len(tag.encode()) <= 640:
            end = match.start(1) + len(tag)
            yield _facet(text, match.start(), end, "app.bsky.richtext.facet#tag", "tag", tag)


def _is_punctuation(sign: str) -> bool:
    return unicodedata.category(sign).startswith("P")


def _facet(text: str, start: int, end: int, kind: str, leaf: str, value: str) -> Facet:
    return {
        "index": {"byteStart": len(text[:start].encode()), "byteEnd": len(text[:end].encode())},
        "features": [{"$type": kind, leaf: value}],
    }
