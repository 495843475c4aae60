"""Webhooks of the sandbox network: prove the sender, then translate.

Signature and time first: `sha256=HMAC-SHA256(secret, timestamp + "." + body)`, at most five
minutes old. A delivery that comes twice brings the same remote ids, which the desk knows.
"""

from __future__ import annotations

import hmac
import json
from typing import Any

from pydantic import BaseModel, ConfigDict

from bot.errors import HookMalformed, SignatureInvalid
from bot.model.hook import HookDelivery, HookReading, HookRequest
from bot.model.ids import MINUTE, Moment, RemoteId
from bot.model.network import Observation
from integrations.sandbox.reading import read_comment, unsupported

OLDEST = 5 * MINUTE
_TOLD = frozenset({"comment.created", "comment.edited", "comment.deleted"})
_IGNORED = frozenset({"comment.hidden", "comment.unhidden", "comment.spam"})
"""What the brand did to a comment: the desk did it itself or does not act upon it."""


class _Delivery(BaseModel):
    model_config = ConfigDict(strict=True)

    delivery: str
    account: str
    events: list[dict[str, Any]]


def read_hook(request: HookRequest, secret: str, now: Moment) -> HookReading:
    """SignatureInvalid or HookMalformed."""
    _verify(request, secret, now)
    try:
        # not pydantic's own parser: it refuses texts with half a surrogate pair, which exist
        delivery = _Delivery.model_validate(json.loads(request.body))
    except (ValueError, RecursionError) as error:
        raise HookMalformed(
            "A signed sandbox webhook is not what its documents describe."
        ) from error
    observations = tuple(
        seen for event in delivery.events if (seen := _read_event(event)) is not None
    )
    return HookReading((HookDelivery(RemoteId(delivery.account), observations),), "ok")


def _read_event(event: dict[str, Any]) -> Observation | None:
    kind = str(event.get("kind", ""))
    if kind in _IGNORED:
        return None
    if kind in _TOLD:
        return read_comment(event.get("comment"))
    return unsupported(kind or "event without a kind", event)


def _verify(request: HookRequest, secret: str, now: Moment) -> None:
    timestamp = request.headers.get("x-sandbox-timestamp", "")
    signed = timestamp.encode("utf-8", "replace") + b"." + request.body
    wanted = "sha256=" + hmac.digest(secret.encode(), signed, "sha256").hex()
    given = request.headers.get("x-sandbox-signature", "")
    # a header may hold any bytes, which do not all become text and back
    given = given if given.isascii() else ""
    if not secret or not hmac.compare_digest(wanted.encode(), given.encode()):
        raise SignatureInvalid(
            "A sandbox webhook was not signed with this account's hook secret; it was refused. "
            "Compare hook_secret with the one that the sandbox uses."
        )
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12) or (
        abs(now - int(timestamp) * 1000) > OLDEST
    ):
        raise SignatureInvalid(
            "A sandbox webhook is more than five minutes old or from the future; it was refused. "
            "Compare the clocks of both machines."
        )
