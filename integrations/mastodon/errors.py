"""The one place that says what a complete answer of a Mastodon server means.

An error is `{"error": sentence}` (https://docs.joinmastodon.org/entities/Error/). Mastodon
refuses a status with 422, GoToSocial with 400. `X-RateLimit-Reset` is a point in time in ISO
8601, not a number of seconds; Mastodon sends no `Retry-After`, proxies before it do.
"""

from __future__ import annotations

from datetime import datetime

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

RENEW = (
    "Make a new access token under Preferences > Development on the server "
    "and put it where the configuration points."
)
_REFUSED = frozenset({400, 406, 413, 415, 422})


def check(answer: Answer, *, scope: str, writes: bool, now: Moment) -> Answer:
    """The answer itself when it is a success, otherwise its error.

    `scope` is the OAuth scope that the request needs. `writes`: it was the one request that
    makes something visible, so a server's trouble proves nothing.
    """
    if answer.ok:
        return answer
    said = reason_of(answer)
    match answer.status:
        case 401:
            raise AuthenticationFailed(
                f"The Mastodon server does not accept our access token ({said}). {RENEW}"
            )
        case 403:
            raise PermissionMissing(
                f"The Mastodon server does not let us do this ({said}). If the token lacks the "
                f"scope {scope}, add it to the application and make a new token.",
                scope=scope,
            )
        case 404 | 410:
            raise TargetGone(
                "It is no longer on the Mastodon server, or the server does not show it to us."
            )
        case 429:
            raise RateLimited(
                "The Mastodon server asks us to wait; the desk goes on by itself.",
                until=_until(answer, now),
            )
        case _:
            raise _trouble(answer, said, writes=writes)


def reason_of(answer: Answer) -> str:
    """The server's own sentence, or the bare status."""
    try:
        body = answer.json()
    except UnexpectedResponse:
        body = None
    said = body.get("error") if isinstance(body, dict) else None
    return said[:300] if isinstance(said, str) and said else f"status {answer.status}"


def _trouble(answer: Answer, said: str, *, writes: bool) -> ConnectorError:
    status = answer.status
    if status in _REFUSED:
        return Rejected(f"The Mastodon server refused: {said}")
    if status >= 500 and writes:
        # 503 too: the lock around the Idempotency-Key is busy while the first request works.
        return OutcomeUnknown(
            f"The Mastodon server answered {status}; whether it took the text is not known."
        )
    if status >= 500:
        return Unavailable(
            f"The Mastodon server has trouble of its own ({status}); nothing was changed there."
        )
    if 300 <= status < 400:
        return Rejected(
            "The Mastodon server answered with a redirect, so nothing was written. "
            "Set base_url to the address that it redirects to."
        )
    return UnexpectedResponse(
        f"The Mastodon server answered {status}, which its documents do not describe. "
        "Check that base_url is the server's address.",
        payload=answer.excerpt(),
    )


def _until(answer: Answer, now: Moment) -> int | None:
    wait = answer.headers.get("retry-after", "").strip()
    if wait.isascii() and wait.isdecimal():
        return now + int(wait) * SECOND
    try:
        reset = datetime.fromisoformat(answer.headers.get("x-ratelimit-reset", "").strip())
    except ValueError:
        return None
    return int(reset.timestamp() * SECOND) if reset.tzinfo else None
