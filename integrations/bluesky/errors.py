"""The one place that says what a refusal of Bluesky means.

The name in the body is the class, not the status: an expired token is a 400, and so is a post
that is gone. Names after the lexicons and the data server's own source.
"""

from __future__ import annotations

from dataclasses import dataclass

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
from bot.model.ids import SECOND, Moment
from integrations.wire import Answer

STALE = frozenset({"ExpiredToken", "InvalidToken"})
_AUTHENTICATION = STALE | {
    "AuthMissing",
    "AuthenticationRequired",
    "AccountDeactivated",
    "AccountSuspended",
    "AccountTakedown",
    "RepoDeactivated",
    "RepoSuspended",
    "RepoTakendown",
}
_GONE = frozenset({"RecordNotFound", "NotFound"})
RENEW = (
    "Create a new app password under Settings > Privacy and security > App passwords "
    "and put it where the configuration points."
)


class RecordStands(OutcomeUnknown):
    """Something else stands under the key already (`InvalidSwap`)."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """`{"error": name, "message": message}`; both empty when the body is something else."""

    name: str
    message: str


def refusal_of(answer: Answer) -> Refusal:
    try:
        body = answer.json()
    except UnexpectedResponse:
        return Refusal("", "")
    if not isinstance(body, dict):
        return Refusal("", "")
    return Refusal(str(body.get("error") or ""), str(body.get("message") or "")[:300])


def is_stale(answer: Answer) -> bool:
    """The access token is over: renewing the session may help."""
    return not answer.ok and refusal_of(answer).name in STALE


def reading_error(answer: Answer, now: Moment) -> ConnectorError:
    """What a complete, refusing answer to a harmless request means."""
    if answer.status >= 500:
        return Unavailable(
            f"Bluesky has trouble of its own ({answer.status}); nothing was changed there."
        )
    return _client_error(answer, now)


def writing_error(answer: Answer, now: Moment) -> ConnectorError:
    """What a complete, refusing answer to a write means; a server's trouble proves nothing."""
    if answer.status >= 500:
        return OutcomeUnknown(
            f"Bluesky answered {answer.status}; whether it took the text is not known."
        )
    if refusal_of(answer).name == "InvalidSwap":
        return RecordStands("Bluesky says that something stands under this key already.")
    return _client_error(answer, now)


def _client_error(answer: Answer, now: Moment) -> ConnectorError:
    refusal = refusal_of(answer)
    said = refusal.message or refusal.name or f"status {answer.status}"
    if answer.status == 429 or refusal.name == "RateLimitExceeded":
        return RateLimited(
            "Bluesky asks us to wait; the desk goes on by itself.", until=_until(answer, now)
        )
    if refusal.name in _AUTHENTICATION or answer.status == 401:
        return AuthenticationFailed(f"Bluesky no longer accepts our session ({said}). {RENEW}")
    if refusal.name in _GONE:
        return TargetGone("This is no longer on Bluesky; there is nothing to act upon.")
    if answer.status == 403:
        return PermissionMissing(
            f"Bluesky does not let our app password do this ({said}). {RENEW}",
            scope=refusal.name or "Forbidden",
        )
    if 400 <= answer.status < 500:
        return Rejected(f"Bluesky refused: {said}")
    return UnexpectedResponse(
        f"Bluesky answered {answer.status}, which its documents do not describe.",
        payload=answer.excerpt(),
    )


def _until(answer: Answer, now: Moment) -> Moment | None:
    """The moment named by `Retry-After` (seconds) or `RateLimit-Reset` (seconds since 1970)."""
    wait = answer.headers.get("retry-after", "")
    if wait.isascii() and wait.isdecimal():
        return Moment(now + int(wait) * SECOND)
    reset = answer.headers.get("ratelimit-reset", "")
    if reset.isascii() and reset.isdecimal():
        return Moment(int(reset) * SECOND)
    return None
