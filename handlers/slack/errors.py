"""What Slack's error codes mean: one place that turns an answer into a typed error.

Slack answers 200 with `{"ok": false, "error": "<code>"}`; only 429 and 5xx speak by status. A code
that is not here is a refusal: Slack understood and did nothing. The codes are those listed under
each method at https://docs.slack.dev/reference/methods.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.errors import (
    AuthenticationFailed,
    ConnectorError,
    OutcomeUnknown,
    PermissionMissing,
    RateLimited,
    Rejected,
    TargetGone,
)
from bot.model.ids import SECOND, Moment

LONGEST_WAIT = 3_600
"""Seconds; nobody is made to wait longer by one header."""

_REFUSED = "Slack refuses the token ({code}). Install the app again, put the new token in place."
_SAYS = {
    "not_in_channel": "The bot is not in this channel. Write /invite and its name there.",
    "channel_not_found": "Slack shows the bot no such channel. Check its id, and invite the bot.",
    "is_archived": "This channel is archived. Take it out of the archive, or choose another.",
    "restricted_action": "The workspace does not let the bot post in this channel.",
    "msg_blocks_too_long": "The card is too long for Slack.",
    "invalid_blocks": "Slack did not take the blocks of this card.",
    "messages_tab_disabled": "The app takes no messages. Install it again from the manifest.",
    "user_not_found": "There is no such person in this workspace. Correct their id.",
    "cannot_dm_bot": "A bot cannot be written to. Correct the id of the member.",
    "user_disabled": "This person has left the workspace.",
    "cant_update_message": "This message belongs to somebody else and cannot be redrawn.",
    "expired_trigger_id": "Slack waited too long. Press again.",
}
_AUTHENTICATION = frozenset(
    {
        "invalid_auth",
        "not_authed",
        "account_inactive",
        "token_revoked",
        "token_expired",
        "org_login_required",
        "team_access_not_granted",
    }
)
_PERMISSION = frozenset({"missing_scope", "no_permission", "not_allowed_token_type", "no_scopes"})
_GONE = frozenset({"message_not_found", "thread_not_found"})
_RATE = frozenset({"ratelimited", "rate_limited", "rate_limit_exceeded"})
_UNSURE = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout"})
"""Of these Slack says itself that a part of what was asked may have been done."""


class BlocksRefused(Rejected):
    """Slack takes a block not, or not yet; nothing was posted or redrawn. Send it without."""


def error_of(
    status: int, headers: Mapping[str, str], answer: Mapping[str, Any], now: Moment
) -> ConnectorError | None:
    """The error that an answer is, or None for one that is in order."""
    code = str(answer.get("error", ""))
    if status == 429 or code in _RATE:
        return RateLimited("Slack asks us to wait.", until=_until(headers, now))
    if status >= 500 or code in _UNSURE:
        return OutcomeUnknown(f"Slack had a fault ({code or status}).")
    if answer.get("ok") is True:
        return None
    if code in _AUTHENTICATION:
        return AuthenticationFailed(_REFUSED.format(code=code))
    if code in _PERMISSION:
        needed = str(answer.get("needed", "")) or code
        says = f"Slack's app may not do this: it lacks {needed}. Add the scope, install it anew."
        return PermissionMissing(says, scope=needed)
    if code in _GONE:
        return TargetGone("This message is not in Slack any more.")
    if not code:
        return OutcomeUnknown(f"Slack answered {status} and nothing that can be read.")
    if code == "invalid_blocks":
        return BlocksRefused(_SAYS[code])
    return Rejected(_SAYS.get(code, f"Slack refused this: {code}."))


def _until(headers: Mapping[str, str], now: Moment) -> int | None:
    told = headers.get("Retry-After", "")
    if not told.isascii() or not told.isdecimal():
        return None
    return now + min(int(told), LONGEST_WAIT) * SECOND
