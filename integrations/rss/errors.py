"""What a complete answer of a feed's server means."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

from bot.errors import (
    AuthenticationFailed,
    ConnectorError,
    PermissionMissing,
    RateLimited,
    TargetGone,
    Unavailable,
    UnexpectedResponse,
)
from bot.model.ids import SECOND, Moment
from integrations.wire import Answer


def check(answer: Answer, now: Moment) -> Answer:
    """The answer itself when it is a feed or "not modified", otherwise its error.

    Raises AuthenticationFailed, PermissionMissing, RateLimited, TargetGone, Unavailable and
    UnexpectedResponse.
    """
    if answer.ok or answer.status == 304:
        return answer
    raise _error(answer, now)


def _error(answer: Answer, now: Moment) -> ConnectorError:
    match answer.status:
        case 401:
            return AuthenticationFailed(
                "The feed asks for a password, which the desk cannot give. Use the feed's public "
                "address, or one with its own key in it."
            )
        case 403:
            return PermissionMissing(
                "The feed's server does not let the desk in. Ask its owner to allow feed readers.",
                scope="read",
            )
        case 404 | 410:
            return TargetGone(
                "There is no feed at this address any more. Set url to where it is now."
            )
        case 429:
            return RateLimited(
                "The feed's server asks to slow down; it is read again when the time has come.",
                until=_until(answer.headers.get("retry-after", "").strip(), now),
            )
        case status if status >= 500:
            return Unavailable(f"The feed's server failed ({status}).")
        case status:
            return UnexpectedResponse(
                f"The feed's server answered {status}.", payload=answer.excerpt()
            )


def _until(after: str, now: Moment) -> int | None:
    if after.isdecimal():
        return now + int(after) * SECOND
    try:
        return int(parsedate_to_datetime(after).timestamp() * SECOND)
    except ValueError:
        return None
