"""The name in the body is the class of a refusal; the status alone is not."""

import json

import pytest

from bot.errors import (
    AuthenticationFailed,
    ConnectorError,
    OutcomeUnknown,
    PermissionMissing,
    RateLimited,
    Rejected,
    TargetGone,
    Unavailable,
    UnexpectedResponse,
)
from bot.model.ids import Moment
from integrations.bluesky.errors import RecordStands, reading_error, writing_error
from integrations.wire import Answer

NOW = Moment(1_790_000_000_000)


def _answer(status: int, name: str = "", **headers: str) -> Answer:
    told = {key.replace("_", "-"): value for key, value in headers.items()}
    body = json.dumps({"error": name, "message": f"about {name}"}) if name else "<html>"
    return Answer(status, told, body.encode())


@pytest.mark.parametrize(
    ("status", "name", "expected"),
    [
        (400, "ExpiredToken", AuthenticationFailed),
        (400, "InvalidToken", AuthenticationFailed),
        (401, "AuthMissing", AuthenticationFailed),
        (401, "AuthenticationRequired", AuthenticationFailed),
        (401, "", AuthenticationFailed),
        (400, "AccountTakedown", AuthenticationFailed),
        (400, "RecordNotFound", TargetGone),
        (400, "NotFound", TargetGone),
        (400, "InvalidRequest", Rejected),
        (413, "PayloadTooLarge", Rejected),
        (403, "Forbidden", PermissionMissing),
        (429, "RateLimitExceeded", RateLimited),
        (429, "", RateLimited),
        (304, "", UnexpectedResponse),
    ],
)
def test_a_refusal_means_the_same_to_readers_and_writers(
    status: int, name: str, expected: type[ConnectorError]
) -> None:
    assert type(reading_error(_answer(status, name), NOW)) is expected
    assert type(writing_error(_answer(status, name), NOW)) is expected


@pytest.mark.parametrize("name", ["InternalServerError", "UpstreamFailure", ""])
def test_a_servers_trouble_is_harmless_to_a_reader_and_unknown_to_a_writer(name: str) -> None:
    assert type(reading_error(_answer(502, name), NOW)) is Unavailable
    assert type(writing_error(_answer(500, name), NOW)) is OutcomeUnknown


def test_something_else_under_our_key_is_looked_at_and_not_called_refused() -> None:
    error = writing_error(_answer(400, "InvalidSwap"), NOW)
    assert isinstance(error, RecordStands)
    assert isinstance(error, OutcomeUnknown)


@pytest.mark.parametrize(
    ("headers", "until"),
    [
        ({"retry_after": "290"}, NOW + 290_000),
        ({"ratelimit_reset": "1790000100"}, 1_790_000_100_000),
        ({"retry_after": "soon"}, None),
        ({}, None),
    ],
)
def test_a_rate_limit_says_until_when(headers: dict[str, str], until: int | None) -> None:
    error = reading_error(_answer(429, "RateLimitExceeded", **headers), NOW)
    assert isinstance(error, RateLimited)
    assert error.until == until


def test_every_refusal_is_a_sentence_with_the_networks_own_words() -> None:
    error = reading_error(_answer(400, "InvalidRequest"), NOW)
    assert str(error) == "Bluesky refused: about InvalidRequest"
