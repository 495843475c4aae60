"""A complete answer of the sandbox API as a typed error, decided by its error code."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, ValidationError

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
from integrations.wire import Answer

_TITLE = "The sandbox network"
_IN_A_SENTENCE = "the sandbox network"
_SHORT_WAIT = 60_000


class _Error(BaseModel):
    model_config = ConfigDict(strict=True)

    code: str
    message: str
    scope: str = ""


class _ErrorBody(BaseModel):
    error: _Error


def raise_for(answer: Answer, *, now: Moment, writes: bool = False) -> None:
    """Return when the answer is a success; raise what its error code means.

    `writes` marks the answer to a request that could make something visible.
    """
    if not answer.ok:
        raise _error_of(answer, now, writes)


def _error_of(answer: Answer, now: Moment, writes: bool) -> ConnectorError:
    error = _read(answer)
    match error.code:
        case "invalid_token" | "token_expired":
            return AuthenticationFailed(
                f"{_TITLE} does not accept the token any more ({error.message}) "
                "Give this account a new one."
            )
        case "missing_scope":
            return PermissionMissing(
                f"The token may not do this on {_IN_A_SENTENCE}: it lacks {error.scope}. "
                "Grant it and try again.",
                scope=error.scope,
            )
        case "rate_limited":
            return RateLimited(
                f"{_TITLE} asks for fewer requests; the desk waits.", until=_until(answer, now)
            )
        case "outage":
            return Unavailable(f"{_TITLE} is down; nothing was done. The desk tries again.")
        case "gone" | "not_found":
            return TargetGone(f"What this is about is gone from {_IN_A_SENTENCE}.")
        case _:
            return _other(answer, error, writes)


def _other(answer: Answer, error: _Error, writes: bool) -> ConnectorError:
    if answer.status >= 500:
        return _broken(answer, writes)
    if error.code:
        return Rejected(f"{_TITLE} refused: {error.message}")
    return UnexpectedResponse(
        f"{_TITLE} answered {answer.status} without saying why.", payload=answer.excerpt()
    )


def _broken(answer: Answer, writes: bool) -> ConnectorError:
    if writes:
        return OutcomeUnknown(
            f"{_TITLE} answered {answer.status}: it may have published this. The desk looks first."
        )
    return Unavailable(f"{_TITLE} answered {answer.status}. The desk tries again.")


def _read(answer: Answer) -> _Error:
    try:
        return _ErrorBody.model_validate_json(answer.body).error
    except ValidationError:
        return _Error(code="", message="")


def _until(answer: Answer, now: Moment) -> Moment:
    seconds = answer.headers.get("retry-after", "")
    if seconds.isascii() and seconds.isdigit():
        return Moment(now + int(seconds) * 1000)
    return Moment(now + _SHORT_WAIT)
