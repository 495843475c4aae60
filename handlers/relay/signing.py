"""Signatures of the relay, the same in both directions.

`X-Replydesk-Timestamp` is in seconds since 1970, `X-Replydesk-Signature` is `v1=` and the hex
HMAC-SHA256 of `<timestamp>.<method>.<path with query>.<body>` under the shared secret. A timestamp
more than five minutes off is refused, so that an old request cannot be replayed later.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping

from bot.errors import SignatureInvalid
from bot.model.ids import SECOND, Moment

WINDOW_SECONDS = 300
TIMESTAMP = "X-Replydesk-Timestamp"
SIGNATURE = "X-Replydesk-Signature"


def signed(secret: str, method: str, path: str, body: bytes, now: Moment) -> dict[str, str]:
    """The two headers; `path` begins with / and has the query, as it is on the wire."""
    stamp = str(now // SECOND)
    return {TIMESTAMP: stamp, SIGNATURE: _signature(secret, stamp, method, path, body)}


def check(
    secret: str, method: str, path: str, headers: Mapping[str, str], body: bytes, now: Moment
) -> None:
    """SignatureInvalid unless the request was signed with the secret, and lately."""
    stamp, given = headers.get(TIMESTAMP, ""), headers.get(SIGNATURE, "")
    if not stamp.isascii() or not stamp.isdecimal() or len(stamp) > 12:
        raise SignatureInvalid("The request has no timestamp.")
    if abs(now // SECOND - int(stamp)) > WINDOW_SECONDS:
        raise SignatureInvalid("The request is too old, or from the future.")
    expected = _signature(secret, stamp, method, path, body)
    if not hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace")):
        raise SignatureInvalid("The signature does not fit.")


def _signature(secret: str, stamp: str, method: str, path: str, body: bytes) -> str:
    words = f"{stamp}.{method}.{path}.".encode() + body
    return "v1=" + hmac.digest(secret.encode(), words, "sha256").hex()
