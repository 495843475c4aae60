"""Webhook bodies of the sandbox network, written by hand so that they can be wrong."""

from __future__ import annotations

import json
from itertools import count
from time import time

_numbers = count(90_001)


def delivery(
    text: str,
    *,
    account: str = "acme",
    kind: str = "comment.created",
    name: str = "Maya Chen",
    handle: str = "maya.brews",
    text_type: object = None,
) -> bytes:
    """A delivery of one comment that is new; its JSON is plain ASCII with escapes."""
    number = next(_numbers)
    comment = {
        "id": f"c{number}",
        "post": {"id": "p1", "title": "Slow mornings"},
        "parent": None,
        "author": {"id": "maya", "name": name, "handle": handle, "role": "customer"},
        "text": text if text_type is None else text_type,
        "published_at": int(time() * 1000),
        "deleted": False,
        "url": f"http://127.0.0.1:1/#c{number}",
    }
    events = [{"kind": kind, "change": number, "comment": comment}]
    return json.dumps({"delivery": f"d{number}", "account": account, "events": events}).encode()
