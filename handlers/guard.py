"""What every web door checks before it listens: the Host asked for, and how much is sent.

A page of a stranger can make a browser call us under the stranger's own name (DNS rebinding);
such a request carries a Host that is not ours and is refused here, before any handler sees it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Collection

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

BODY_SECONDS = 20.0
"""How long a body may take to arrive."""

_CHUNK = 64 * 1024
_HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([\w.-]+))(?::\d{0,5})?", re.ASCII)
"""RFC 9110, section 7.2: no user, no path; whatever else a client sends is nobody's name."""


class BodyTooLarge(Exception):
    """The sender wants to give more than this door takes; the rest was not read."""


class BodyTooSlow(Exception):
    """The body did not arrive in time."""


class BodyBroken(Exception):
    """The body is not what its own headers promise: cut off, or wrongly compressed."""


def host_name(host: str) -> str:
    """The name in a Host header, lower case and without its port; empty when unreadable."""
    found = _HOST.fullmatch(host)
    return (found[1] or found[2]).lower().rstrip(".") if found else ""


def checks_host(allowed: Collection[str], *, open_to_all: Callable[[str], bool]) -> Middleware:
    """Refuse a Host that is not in `allowed` (names without ports) with 421.

    `open_to_all` says for which paths the name does not matter.
    """
    names = frozenset(name.strip("[]").lower().rstrip(".") for name in allowed) - {""}

    @web.middleware
    async def check_host(request: web.Request, handler: Handler) -> web.StreamResponse:
        if open_to_all(request.path) or host_name(request.headers.get("Host", "")) in names:
            return await handler(request)
        return web.Response(
            status=421,
            text="This address is not served here. Add its name to the allowed hosts, or open "
            "the address that replydesk printed at start.",
        )

    return check_host


async def read_at_most(request: web.Request, limit: int) -> bytes:
    """The body, read in pieces; BodyTooLarge as soon as it is known to pass `limit` bytes.

    BodyTooSlow and BodyBroken when it never arrives whole.
    """
    if (request.content_length or 0) > limit:
        raise BodyTooLarge
    pieces: list[bytes] = []
    size = 0
    try:
        if request.content.is_eof():  # it came with its headers: there is nothing to wait for
            body = request.content.read_nowait()
            if len(body) > limit:
                raise BodyTooLarge
            return body
        async with asyncio.timeout(BODY_SECONDS):
            async for piece in request.content.iter_chunked(_CHUNK):
                size += len(piece)
                if size > limit:
                    raise BodyTooLarge
                pieces.append(piece)
    except TimeoutError as error:
        raise BodyTooSlow from error
    except web.RequestPayloadError as error:
        raise BodyBroken from error
    return b"".join(pieces)


def is_secure(request: web.Request) -> bool:
    """Whether the browser came by https, here or at the proxy in front of us."""
    return request.secure or request.headers.get("X-Forwarded-Proto", "").lower() == "https"
