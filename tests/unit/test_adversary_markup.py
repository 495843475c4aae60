"""Markup that was written to keep its reader busy: it is read in a moment, or not at all.

Each sample took a parser of the standard library or of feedparser seconds to hours before.
"""

from __future__ import annotations

import time

import pytest

from integrations.plain_text import plain_text
from integrations.rss.reading import parse_feed

MOMENT = 5.0
"""Seconds; each takes a tenth of one, on a machine that has nothing else to do."""
PIECES = ["<!--", "<!", "<?", "<a ", "</a ", '<a b="', "<a b='", "&#", "<", "<script>", "<a b b>"]


@pytest.mark.parametrize("piece", PIECES)
def test_no_markup_keeps_its_reader_busy(piece: str) -> None:
    begun = time.thread_time()
    plain_text(piece * 20_000)
    assert time.thread_time() - begun < MOMENT


@pytest.mark.parametrize("piece", ["&lt;!--", "&lt;a ", "&lt;div&gt;", "&lt;a b=&quot;"])
def test_no_entry_of_a_feed_keeps_the_desk_busy(piece: str) -> None:
    words = piece * 10_000
    feed = f'<rss version="2.0"><channel><item><description>{words}</description></item></channel>'
    begun = time.thread_time()
    (entry,) = parse_feed(f"{feed}</rss>".encode(), "application/rss+xml", "http://x/").entries
    assert isinstance(getattr(entry, "text", ""), str)
    assert time.thread_time() - begun < MOMENT


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("one<!-- hidden <b> -->two", "onetwo"),
        ("one <!-- never ended, two", "one"),
        ("<!DOCTYPE html>one", "one"),
        ("<?xml version='1.0'?>one", "one"),
        ("2 < 3 and 3 > 2", "2 < 3 and 3 > 2"),
        ("I <3 tea", "I <3 tea"),
        ("one <a href=<b>two</b>", "one <a href=two"),
        ("<p>one</p><p>two", "one\n\ntwo"),
    ],
)
def test_what_is_no_markup_is_still_read(markup: str, words: str) -> None:
    assert plain_text(markup) == words
