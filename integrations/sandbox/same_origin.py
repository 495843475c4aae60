"""Who may press the pane's buttons: the page itself, never another site in the same browser.

The pane has no sign-in and stands on loopback, where every web page that a browser shows can
send requests to it. So a pressing request must carry a header that a foreign page cannot send
without asking first (which is never allowed here), must not say that it comes from elsewhere,
and must name a host of this machine (against DNS rebinding).
"""

from __future__ import annotations

from urllib.parse import urlsplit

from aiohttp import web

CONTROL_HEADER = "X-Sandbox-Control"
LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})


def is_from_the_page(request: web.Request, allowed_hosts: frozenset[str]) -> bool:
    headers = request.headers
    if headers.get(CONTROL_HEADER) != "1" or request.content_type != "application/json":
        return False
    if _name(request.host) not in allowed_hosts:
        return False
    if headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return False
    origin = headers.get("Origin")
    return origin is None or origin.partition("://")[2] == request.host


def _name(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None
