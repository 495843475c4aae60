"""One place that says what a pager's whole answer means, and what is wrong with one that is none.

A server that had a fault of its own may have taken the page before: that is unknown, and the page
is sent again under the same key. A redirect is refused: nobody wrote that address down.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from bot.errors import (
    AuthenticationFailed,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    UnexpectedResponse,
)
from bot.model.ids import SECOND, Moment
from integrations.wire import Answer

LONGEST_WAIT = 3_600
"""Seconds; a page waits no longer for one header."""


def judged(answer: Answer, title: str, now: Moment) -> Answer:
    """The answer where it took the page; else any `ConnectorError`."""
    status = answer.status
    if answer.ok:
        return answer
    if status in {401, 403}:
        raise AuthenticationFailed(
            f"{title} refuses the key ({status}). Put a valid one where the route's `secret` "
            "says it is."
        )
    if status == 429:
        until = _until(answer.headers.get("retry-after", ""), now)
        raise RateLimited(f"{title} asks us to wait.", until=until)
    if status >= 500 or status == 408:
        raise OutcomeUnknown(f"{title} had a fault ({status}); it may have taken the page.")
    if 300 <= status < 400:
        raise Rejected(f"{title} sends us somewhere else ({status}). Correct the route's `url`.")
    raise Rejected(f"{title} refused the page ({status}): {said_by(answer)}")


def said_by(answer: Answer) -> str:
    """What a refusal says of itself, on one line."""
    try:
        told = answer.json()
    except UnexpectedResponse:
        told = None
    said = told.get("message") if isinstance(told, dict) else None
    return " ".join(str(said or answer.excerpt() or "no reason").split())[:200]


def _until(header: str, now: Moment) -> int | None:
    """Seconds, or a date (RFC 9110, 10.2.3)."""
    if header.isascii() and header.isdecimal():
        return now + min(int(header), LONGEST_WAIT) * SECOND
    try:
        told = parsedate_to_datetime(header)
    except ValueError:
        return None
    at = told if told.tzinfo else told.replace(tzinfo=UTC)
    return min(round(at.timestamp()) * SECOND, now + LONGEST_WAIT * SECOND)


def stamp(at: Moment) -> str:
    """ISO 8601 in UTC."""
    return datetime.fromtimestamp(at / SECOND, UTC).isoformat(timespec="milliseconds")
