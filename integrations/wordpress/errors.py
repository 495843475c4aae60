"""What a complete answer of WordPress means, by its `code`: the HTTP status alone does not say.

WordPress answers an error with `{"code": ..., "message": ..., "data": {"status": ...}}`
(https://developer.wordpress.org/rest-api/). A 401 is always "nobody is signed in", because for a
signed-in user who may not do something WordPress says 403.
"""

from __future__ import annotations

from email.utils import parsedate_to_datetime

from pydantic import BaseModel, ValidationError

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
from integrations.plain_text import plain_text
from integrations.wire import Answer

_GONE = frozenset(
    {
        "rest_comment_invalid_id",
        "rest_comment_invalid_post_id",
        "rest_comment_trash_post",
        "rest_comment_draft_post",
        "rest_post_invalid_id",
        "rest_already_trashed",
    }
)
_REFUSED = frozenset({"rest_comment_closed", "rest_comment_disabled", "rest_trash_not_supported"})
_FLOOD_SECONDS = 15
"""WordPress lets one author comment every 15 seconds; moderators are exempt."""


class TwinStands(OutcomeUnknown):
    """409 `comment_duplicate`: these words of ours already stand there; since when, only a look
    can tell.
    """


class _Problem(BaseModel):
    code: str = ""
    message: str = ""


def check(answer: Answer, *, writes: bool, now: Moment) -> Answer:
    """The answer itself when it is a success, otherwise its error.

    Raises AuthenticationFailed, PermissionMissing, RateLimited, Unavailable (reads only),
    Rejected, TargetGone, OutcomeUnknown (writes only) and UnexpectedResponse.
    """
    if answer.ok:
        return answer
    problem = _problem(answer)
    reason = plain_text(problem.message)
    if problem.code in _GONE:
        raise TargetGone(f"It is no longer on WordPress: {reason}")
    if problem.code in _REFUSED:
        raise Rejected(f"WordPress refused: {reason}")
    if problem.code == "comment_flood" or answer.status == 429:
        raise RateLimited(
            "WordPress asks to slow down; it is tried again when the time has come.",
            until=_until(answer, problem, now),
        )
    raise _by_status(answer, problem.code, reason, writes)


def _by_status(answer: Answer, code: str, reason: str, writes: bool) -> ConnectorError:
    match answer.status:
        case 401:
            return AuthenticationFailed(_not_signed_in(reason))
        case 403:
            return _forbidden(code, reason)
        case 409:
            return TwinStands("WordPress says that it already has this very comment.")
        case 400 | 413 | 422:
            return Rejected(f"WordPress refused: {reason or answer.status}")
        case status if status >= 500 and writes:
            return OutcomeUnknown(f"WordPress failed ({status}) and may have carried it out.")
        case status if status >= 500:
            return Unavailable(f"WordPress failed ({status}); nothing was changed there.")
        case status if 300 <= status < 400 and writes:
            return Rejected(
                "WordPress answered with a redirect, so nothing was written. "
                "Set url to the address that the site redirects to."
            )
        case status:
            return UnexpectedResponse(
                f"WordPress answered {status} {code}. Check that url is the site's address and "
                "that its REST API is not switched off.",
                payload=answer.excerpt(),
            )


def _not_signed_in(reason: str) -> str:
    return (
        f"WordPress did not accept the user and its application password ({reason or 'no reason'})."
        " Make a new application password in Users > Profile, and check user and url. WordPress "
        "accepts application passwords only over https, and some servers remove the "
        "Authorization header."
    )


def _forbidden(code: str, reason: str) -> PermissionMissing:
    if code:
        return PermissionMissing(
            f"The WordPress user may not do this ({reason}). Give it the Editor role.", scope=code
        )
    return PermissionMissing(
        "Something in front of WordPress refused the request. Let the desk pass in the firewall "
        "or the security plugin.",
        scope="access to the REST API",
    )


def _problem(answer: Answer) -> _Problem:
    try:
        return _Problem.model_validate_json(answer.body)
    except ValidationError:
        return _Problem()


def _until(answer: Answer, problem: _Problem, now: Moment) -> int | None:
    """Retry-After as a moment: seconds or a date, from whatever stands in front of WordPress."""
    after = answer.headers.get("retry-after", "").strip()
    if after.isdecimal():
        return now + int(after) * SECOND
    try:
        return int(parsedate_to_datetime(after).timestamp() * SECOND)
    except ValueError:
        return now + _FLOOD_SECONDS * SECOND if problem.code == "comment_flood" else None
