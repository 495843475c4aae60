"""One broken field of one item must not keep its batch out; what is whole is not touched."""

from __future__ import annotations

from dataclasses import asdict, fields, replace
from typing import Any

import pytest

from bot.model.ids import Moment, RemoteId
from bot.model.item import ItemKind
from bot.model.media import RemoteMedia
from bot.model.network import IncomingItem, RemoteAuthor
from bot.services.clean_items import LARGEST_NUMBER, LONGEST_NAME, LONGEST_TITLE, clean

WHOLE = IncomingItem(
    remote_id=RemoteId("c1"),
    kind=ItemKind.COMMENT,
    author=RemoteAuthor(RemoteId("u1"), "fan", "Fän 🍵", "https://x/fan", 12),
    text="Wo ist mein Päckchen? 🍵",
    published_at=Moment(1_700_000_000_000),
    permalink="https://x/c1",
    parent_remote_id=RemoteId("c0"),
    thread_remote_id=RemoteId("p1"),
    thread_title="Our new tea",
)
TEXTS = [
    "remote_id", "parent_remote_id", "thread_remote_id", "text", "permalink", "thread_title",
]  # fmt: skip
NAMES = ["remote_id", "handle", "display_name", "url"]


def of_author(**values: Any) -> IncomingItem:
    return replace(WHOLE, author=replace(WHOLE.author, **values))


def test_what_is_whole_is_left_as_it_is() -> None:
    assert clean(WHOLE) is WHOLE


@pytest.mark.parametrize("broken", ["nul \x00 inside", "half \ud83d a pair"])
@pytest.mark.parametrize(
    "make",
    [
        *(lambda words, name=name: replace(WHOLE, **{name: words}) for name in TEXTS),
        *(lambda words, name=name: of_author(**{name: words}) for name in NAMES),
        lambda words: replace(WHOLE, media=(RemoteMedia("https://x/1", words),)),
        lambda words: replace(WHOLE, thread_media=(RemoteMedia(words, ""),)),
    ],
)
def test_what_no_database_takes_is_taken_out_wherever_it_stands(make: Any, broken: str) -> None:
    told = str(asdict(clean(make(broken)))).encode()
    assert b"\\x00" not in told
    assert b"\\ud83d" not in told
    assert b"inside" in told or b"a pair" in told


def test_what_is_too_long_or_too_large_is_cut() -> None:
    long = replace(of_author(handle="h" * 999, followers=2**70), thread_title="t" * 999)
    found = clean(replace(long, published_at=Moment(-5)))
    assert len(found.author.handle) == LONGEST_NAME
    assert len(clean(of_author(display_name="d" * 999)).author.display_name) == LONGEST_NAME
    assert len(found.thread_title) == LONGEST_TITLE
    assert found.author.followers == LARGEST_NUMBER
    assert found.published_at == 0
    assert clean(replace(WHOLE, published_at=Moment(2**70))).published_at == LARGEST_NUMBER
    assert clean(of_author(followers=-1)).author.followers == 0


def test_every_text_of_an_item_is_looked_at() -> None:
    """A field that comes later has to be named here, and in `clean`."""
    known = {*TEXTS, "kind", "author", "published_at", "thread_media", "by_us", "media", "hints"}
    assert {field.name for field in fields(IncomingItem)} == known
    assert {field.name for field in fields(RemoteAuthor)} == {*NAMES, "followers"}
