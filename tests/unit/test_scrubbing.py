"""Recordings that may be given away: whatever was said, none of it survives."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cli.recording import call_of
from bot.cli.scrubbing import WORDS, Scrubber
from bot.errors import ConfigurationError
from bot.logs import redact
from tests.fakes.shapes import shape_of

BOT = "xoxb-17653672481-19874698323-pdFZKVeTuE8sk7oOcHrzqqgy"
HOSTILE = (
    BOT,
    "xapp-1-A111-222-aabbccddeeff",
    "777000777:AAFakeFakeFakeFakeFakeFakeFakeFakeFak",
    "Bearer abcdefabcdef",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig",
    "wss://wss.slack.example/link?ticket=SECRETTICKET&app_id=a1",
    "https://olga:hunter2hunter@mail.example/path?token=abc",
    "olga.petrova@example.com",
    "+49 170 1234567",
    "4111111111111111",
    "U02ABCDEF12",
    "-1001234567890",
    "did:plc:abcdefghijklmnopqrstuvwx",
    "at://did:plc:abcdefghijklmnopqrstuvwx/app.bsky.feed.post/3kabc",
    "Ольга Петрова",
    "hunter2",
    "ok: hunter2",
    "message hunter2",
    "1732900000.123456-hunter2",
)
places = st.recursive(
    st.one_of(st.sampled_from(HOSTILE), st.none(), st.booleans(), st.sampled_from(sorted(WORDS))),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.one_of(st.sampled_from(HOSTILE), st.sampled_from(["type", "text", "ok", "error"])),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None)
@given(places)
def test_nothing_hostile_survives_wherever_it_stands(thing: Any) -> None:
    told = json.dumps(Scrubber(()).scrub(thing), ensure_ascii=False)
    assert [secret for secret in HOSTILE if secret in told] == []


LEXICONS = ("app.bsky.", "com.atproto.")
"""Names of methods and kinds begin so; no person's words do."""


@settings(max_examples=300, deadline=None)
@given(st.text(min_size=1))
def test_no_text_survives_that_is_not_a_word_of_the_vendors(text: str) -> None:
    made = Scrubber(()).scrub({"text": text})["text"]
    assert made != text or text in WORDS or text.startswith(LEXICONS)


@given(st.integers(min_value=1_000))
def test_no_number_survives_that_may_name_somebody(number: int) -> None:
    scrubber = Scrubber(())
    assert scrubber.scrub(number) == 1_000_001
    assert scrubber.scrub(-number) < 0


def test_what_is_the_same_stays_the_same_and_what_differs_differs() -> None:
    made = Scrubber(()).scrub(
        {"user": "U02ABCDEF12", "by": "U02ABCDEF12", "other": "U02ABCDEF13", "id": 5_000_000}
        | {"chat_id": "5000000"}
    )
    assert made["user"] == made["by"] != made["other"]
    assert made["user"].startswith("U")
    assert str(made["id"]) == made["chat_id"]


def test_the_shape_and_the_vendors_words_stay() -> None:
    answer = {
        "ok": False,
        "error": "channel_not_found",
        "messages": [{"type": "message", "ts": "1732900000.123456", "text": "Hi", "n": 3}],
        "at": "2026-11-29T10:00:00.000Z",
        "score": 0.25,
        "none": None,
    }
    made = Scrubber(()).scrub(answer)
    assert shape_of(made) == shape_of(answer)
    assert made["error"] == "channel_not_found"
    assert made["messages"][0] == {
        "type": "message", "ts": "1700000000.000001", "text": "words 2", "n": 3,
    }  # fmt: skip
    assert made["at"].startswith("2026-01-01T")


def test_a_key_that_is_a_private_word_or_a_secret_is_replaced() -> None:
    redact("verysecretlowercase")
    made = Scrubber(("acme",)).scrub({"acme": 1, "verysecretlowercase": 2, "text": 3})
    assert list(made) == ["key 1", "key 2", "text"]


def test_a_secret_of_the_configuration_is_never_written() -> None:
    redact("s3cret-of-this-test")
    with pytest.raises(ConfigurationError, match="nothing was written"):
        Scrubber(()).refuse_if_told('{"text": "s3cret-of-this-test"}')


@pytest.mark.parametrize(
    ("path", "call"),
    [
        ("/api/chat.postMessage", "chat.postMessage"),
        ("/bot777:AAtoken/sendMessage", "sendMessage"),
        ("/prefix/bot777:AAtoken/getMe", "getMe"),
        ("/api/v1/statuses/1145/context", "GET /api/v1/statuses/:1/context"),
        ("/xrpc/app.bsky.feed.getPosts", "GET /xrpc/app.bsky.feed.getPosts"),
        ("/users/olga/bot777:AAtoken", "GET /users/:1/:2"),
        ("/bot777:AAtoken/hunter2", ":1 "),
    ],
)
def test_a_path_tells_neither_a_token_nor_a_name(path: str, call: str) -> None:
    told = Scrubber(()).call(call_of("GET", path))
    assert told == call
    assert "AAtoken" not in told
