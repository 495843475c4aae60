"""Saved replies: words that the team uses again and again, with places for what differs.

`{author}` is the first name of whoever is answered, where it is a plain name; `{brand}`,
`{account}`, `{network}` and `{agent}` (the member who uses it) are always known.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.model.ids import BrandId, MemberId, Moment, SavedReplyId

SLOTS = frozenset({"{author}", "{brand}", "{account}", "{network}", "{agent}"})
SLOT = re.compile(r"\{[^{}]*\}|[{}]")


@dataclass(frozen=True, slots=True)
class SavedReply:
    """`language` is ISO 639-1. `used` counts how often it became a draft."""

    id: SavedReplyId
    brand_id: BrandId
    name: str
    language: str
    text: str
    owner_id: MemberId
    saved_at: Moment
    used: int


def unknown_slot(text: str) -> str | None:
    """The first thing in braces that means nothing here."""
    return next((one.group() for one in SLOT.finditer(text) if one.group() not in SLOTS), None)


def has_bare_author(text: str) -> bool:
    """Whether a name stands where nothing would hold its place: it is left out with a space."""
    return any(not text[: one.start()].endswith(" ") for one in re.finditer(r"\{author\}", text))


def filled(text: str, values: Mapping[str, str]) -> str:
    """With `values` for its slots (`author`, ...); an empty author goes with what held the name.

    In one pass, so that a name that looks like a slot stays a name.
    """
    if not values["author"]:
        for held in (", {author},", ", {author}", " {author}"):
            text = text.replace(held, "")
    return SLOT.sub(lambda found: values[found.group().strip("{}")], text)


def with_slot_for(name: str, text: str) -> str:
    """The same words, with `{author}` wherever the name stands as a word."""
    return re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "{author}", text) if name else text
