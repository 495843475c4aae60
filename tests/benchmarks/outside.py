"""The world around a desk under test: a network that answers at once, and a team's own tool.

It remembers when each request had arrived. Every comment carries a mark (`ref0000042`) in its
text, so that its card is recognised whatever it looks like; replies name their comment in the path.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.benchmarks.plain_http import port_of, request, serve

ACCOUNT = "u-brand"
_MARK = re.compile(rb"ref(\d{7})")
_REPLY = re.compile(r"/comments/c(\d+)/replies")
TEXTS = (
    "My parcel never arrived and nobody answers my mails.",
    "Where is my order? It was promised for Monday.",
    "The new tea is lovely, thank you so much!",
    "The pot was broken when I opened the box. I want a refund.",
    "Do you ship to Norway, and what does it cost?",
    "Third time that I write about this invoice. This is a disgrace.",
    "I love the green one, is it back in stock soon?",
    "The app crashes whenever I open my basket.",
)


@dataclass(slots=True)
class Outside:
    """`cards` and `replies`: number of the comment -> moment (monotonic) its first request came.

    `shown`: number of the comment -> the request with the newest form of its card.
    """

    port: int = 0
    cards: dict[int, float] = field(default_factory=dict)
    replies: dict[int, float] = field(default_factory=dict)
    shown: dict[int, bytes] = field(default_factory=dict)

    def respond(self, method: str, path: str, body: bytes, at: float) -> bytes:
        if method == "POST" and path.startswith("/cards"):
            self._see(body, at)
            return b'{"message":"m1"}'
        if method == "PUT" and path.startswith("/cards"):
            self._see(body, at)
            return b"{}"
        reply = _REPLY.fullmatch(path) if method == "POST" else None
        if reply is not None:
            number = int(reply[1])
            self.replies.setdefault(number, at)
            return json.dumps(comment(10_000_000 + number, "Thank you.", role="brand")).encode()
        if path.startswith("/comments"):
            return json.dumps(
                {"account": ACCOUNT, "comments": [], "next_since": 0, "has_more": False}
            ).encode()
        if path.startswith("/me"):
            return json.dumps(user("brand") | {"url": ""}).encode()
        raise LookupError(path)

    def _see(self, body: bytes, at: float) -> None:
        found = _MARK.search(body)
        if found is not None:
            number = int(found[1])
            self.cards.setdefault(number, at)
            self.shown[number] = body

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@asynccontextmanager
async def outside() -> AsyncIterator[Outside]:
    world = Outside()
    server = await serve(world.respond)
    world.port = port_of(server)
    async with server:
        yield world


def user(role: str, number: int = 0) -> dict[str, object]:
    name = ACCOUNT if role == "brand" else f"u{number}"
    return {"id": name, "name": f"Fan {number}", "handle": name, "role": role, "followers": 12}


def comment(number: int, text: str, *, role: str = "customer") -> dict[str, object]:
    """A comment as the sandbox network tells it; ten comments stand below one post."""
    return {
        "id": f"c{number}",
        "post": {"id": f"p{number // 10}", "title": "Our new tea"},
        "parent": None,
        "author": user(role, number % 1000),
        "text": text,
        "published_at": int(time.time() * 1000),
        "deleted": False,
        "url": f"http://127.0.0.1/sandbox#c{number}",
    }


def text_of(number: int) -> str:
    return f"{TEXTS[number % len(TEXTS)]} ref{number:07d}"


def hook(number: int, path: str, secret: str) -> bytes:
    """A signed webhook with one new comment, as the bytes of a request."""
    told = {
        "kind": "comment.created",
        "change": number,
        "comment": comment(number, text_of(number)),
    }
    body = json.dumps({"delivery": f"d{number}", "account": ACCOUNT, "events": [told]}).encode()
    stamp = str(int(time.time()))
    signature = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256)
    headers = {
        "Content-Type": "application/json",
        "X-Sandbox-Delivery": f"d{number}",
        "X-Sandbox-Timestamp": stamp,
        "X-Sandbox-Signature": f"sha256={signature.hexdigest()}",
    }
    return request("POST", path, body, headers)


async def settled(marks: dict[int, float], wanted: set[int], seconds: float) -> set[int]:
    """Wait until all wanted numbers were seen; those that were not when time ran out."""
    end = time.monotonic() + seconds
    while (missing := wanted - marks.keys()) and time.monotonic() < end:  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    return missing
