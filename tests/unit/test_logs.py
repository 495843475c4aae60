"""Logs: facts as data, nothing secret, and no text that can forge a line."""

from __future__ import annotations

import base64
import io
import json
import logging
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from bot import logs

SECRET = "correct/horse battery+staple"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    before = list(logging.getLogger().handlers)
    written = io.StringIO()
    logs.configure("info", "json", written)
    yield written
    logging.getLogger().handlers[:] = before


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_json_with_what_was_told(stream: io.StringIO) -> None:
    logs.get_logger("bot.workers").info("publication_published", publication=7, ok=True)
    (line,) = lines(stream)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "publication_published",
        "publication": 7,
        "ok": True,
        "level": "info",
        "logger": "bot.workers",
    }


def test_what_other_libraries_log_takes_the_same_way(stream: io.StringIO) -> None:
    logging.getLogger("somebody").warning("lost %s of %d", "two", 3)
    (line,) = lines(stream)
    assert (line["event"], line["logger"], line["level"]) == (
        "lost two of 3",
        "somebody",
        "warning",
    )


def test_the_level_holds(stream: io.StringIO) -> None:
    logs.get_logger("bot").debug("too_quiet")
    logging.getLogger("somebody").debug("too quiet")
    assert stream.getvalue() == ""


def test_configuring_again_replaces_the_first(stream: io.StringIO) -> None:
    second = io.StringIO()
    logs.configure("info", "json", second)
    logs.get_logger("bot").info("once")
    assert stream.getvalue() == ""
    assert len(lines(second)) == 1


def test_off_a_terminal_it_is_json_and_on_one_it_is_pretty() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    off, on = io.StringIO(), Terminal()
    logs.configure("info", "auto", off)
    logs.get_logger("bot").info("started", port=80)
    logs.configure("info", "auto", on)
    logs.get_logger("bot").info("started", port=80)
    assert json.loads(off.getvalue())["port"] == 80
    assert "started" in on.getvalue()
    with pytest.raises(json.JSONDecodeError):
        json.loads(on.getvalue())


@pytest.mark.parametrize(
    "shown",
    [
        SECRET,
        quote(SECRET, safe=""),
        base64.b64encode(SECRET.encode()).decode(),
        json.dumps({"x": SECRET}),
        repr({"x": SECRET}),
        f"https://example.com/?q={quote(SECRET)}",
    ],
)
@pytest.mark.parametrize("where", ["event", "field", "nested", "error", "foreign", "key"])
def test_a_registered_secret_is_nowhere_in_a_line(
    stream: io.StringIO, shown: str, where: str
) -> None:
    logs.redact(SECRET)
    log = logs.get_logger("bot")
    match where:
        case "event":
            log.info(shown)
        case "field":
            log.info("said", body=shown)
        case "nested":
            log.info("said", body={"a": [shown, (shown, {shown})]})
        case "error":
            try:
                raise ValueError(shown)
            except ValueError as error:
                log.exception("failed", error=error)
        case "foreign":
            logging.getLogger("somebody").warning("said %s", shown)
        case _:
            log.info("said", **{shown: 1})
    written = stream.getvalue()
    assert logs.HIDDEN in written
    assert "horse" not in written
    assert base64.b64encode(SECRET.encode()).decode() not in written


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Authorization: Bearer abcdef123456", "Authorization: [redacted]"),
        ("{'Authorization': 'Basic dXNlcjpwYXNz'}", "{'Authorization': '[redacted]'}"),
        ("sent bearer abcdef123456 to it", "sent bearer [redacted] to it"),
        ("GET /sign-in?token=abcdef&x=1", "GET /sign-in?token=[redacted]&x=1"),
        ("https://user:pw@example.com/a", "https://[redacted]@example.com/a"),
        ("postgresql://desk:pw@db/desk", "postgresql://[redacted]@db/desk"),
        ('{"accessJwt": "eyJhbGciOi.eyJzdWIiOi.c2ln"}', '{"accessJwt": "[redacted]"}'),
        ('{"password": "open sesame"}', '{"password": "[redacted] sesame"}'),
        ("api_key=sk-1234", "api_key=[redacted]"),
        ("Cookie: session=abc; other=def", "Cookie: [redacted]"),
        ("The token: it was refused", "The token: it was refused"),
        ("No password is needed here", "No password is needed here"),
    ],
)
def test_what_looks_like_a_credential_is_hidden_and_sentences_are_not(
    stream: io.StringIO, text: str, kept: str
) -> None:
    logs.get_logger("bot").info("said", body=text)
    assert lines(stream)[0]["body"] == kept


@pytest.mark.parametrize(
    "key", ["token", "access_token", "Authorization", "app_password", "api_key", "client-secret"]
)
def test_a_field_that_is_named_like_a_secret_is_hidden(stream: io.StringIO, key: str) -> None:
    logs.get_logger("bot").info("said", **{key: "x7"}, headers={key: "x7"})
    (line,) = lines(stream)
    assert line[key] == logs.HIDDEN
    assert line["headers"] == {key: logs.HIDDEN}


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_no_text_can_forge_a_line_or_move_the_cursor(log_format: str) -> None:
    stream = io.StringIO()
    logs.configure("info", log_format, stream)
    evil = 'x\r\n2026-01-01 [info] forged\x1b[2J\u202e\u2028\x00 "quoted" \ud800'
    logs.get_logger("bot").info("said", body=evil, inner=[evil])
    written = stream.getvalue()
    assert written.count("\n") == 1
    assert not any(character in written for character in "\r\x1b\u202e\u2028\x00\ud800")
    assert "forged" in written


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_the_text_of_an_error_cannot_forge_a_line(log_format: str) -> None:
    stream = io.StringIO()
    logs.configure("info", log_format, stream)
    try:
        raise ValueError("x\n2026-01-01T00:00:00Z [info] forged")
    except ValueError:
        logs.get_logger("bot").exception("failed")
    assert not any(line.startswith("2026-01-01T") for line in stream.getvalue().splitlines())


def test_letters_of_every_script_stay_readable(stream: io.StringIO) -> None:
    text = "Здравствуйте, café, 你好, שלום, 👩\u200d💻"
    logs.get_logger("bot").info("said", body=text)
    assert text in stream.getvalue()


def test_bytes_are_counted_and_not_shown(stream: io.StringIO) -> None:
    logs.get_logger("bot").info("received", body=b"secret words")
    assert lines(stream)[0]["body"] == "12 bytes"
