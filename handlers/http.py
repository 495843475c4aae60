"""The HTTP door: webhooks, health and metrics, and the rooms that are mounted beside them.

POST /hooks/{network}/{hook}   a network tells something; answered when it is stored
GET  /healthz                  the process lives
GET  /readyz                   it can do its work, or 503 and why not
GET  /metrics                  Prometheus text, to loopback alone unless opened
...                            the rooms, which may be opened later than hooks are taken
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bot.errors import HookMalformed, SignatureInvalid, StoreError
from bot.faults import FaultPoint, reach
from bot.logs import get_logger
from bot.model.hook import MAX_BODY, HookRequest
from bot.ports import Inlet
from handlers.guard import BodyBroken, BodyTooLarge, BodyTooSlow, checks_host, read_at_most
from handlers.rooms import Rooms

RETRY_AFTER_SECONDS = 5
ROOM_MAX_BODY = 12 * 1024 * 1024
"""Bytes that a mounted room may read at once: the sandbox takes pictures. Hooks have their own."""
METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"

DEFAULT_HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'self'; base-uri 'none'",
}
"""Set on every answer that does not say otherwise itself."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether work can be done; `says` are sentences, one for each thing that is missing."""

    is_ready: bool
    says: tuple[str, ...] = ()


def build_app(
    inlet: Inlet,
    *,
    ready: Callable[[], Awaitable[Readiness]],
    metrics: Callable[[], Awaitable[bytes]],
    allowed_hosts: Collection[str],
    rooms: Rooms | None = None,
    open_metrics: bool = False,
    unproved: Callable[[str], Awaitable[None]] | None = None,
) -> web.Application:
    """The whole web process. `allowed_hosts` are names without ports.

    `unproved` is told the chat of each request that does not prove its sender.
    """
    door = _Door(inlet, ready, metrics, open_metrics=open_metrics)
    app = web.Application(
        middlewares=[
            checks_host(allowed_hosts, open_to_all=_needs_no_host),
            _Unproved(unproved).counts(),
        ],
        client_max_size=ROOM_MAX_BODY,
    )
    app.on_response_prepare.append(_set_default_headers)
    app.router.add_post("/hooks/{network}/{hook}", door.receive)
    app.router.add_get("/healthz", door.live)
    app.router.add_get("/readyz", door.ready)
    app.router.add_get("/metrics", door.metrics)
    if rooms is not None:
        rooms.install(app)
    return app


LOG_EVERY_SECONDS = 60.0


class _Unproved:
    """Requests to a chat's door that its signature or secret does not prove: counted one by one.

    The log has at most a line a minute of each chat: whoever forges one can forge a million.
    """

    def __init__(self, tell: Callable[[str], Awaitable[None]] | None) -> None:
        self._tell = tell
        self._since: dict[str, int] = {}
        self._quiet_until: dict[str, float] = {}
        self._log = get_logger("http")

    def counts(self) -> Middleware:
        @web.middleware
        async def count(request: web.Request, handler: Handler) -> web.StreamResponse:
            response = await handler(request)
            # only a door that is configured answers 401, so the name is one of ours
            if response.status == 401 and request.path.startswith("/chats/"):
                await self._count(request.path.split("/")[2])
            return response

        return count

    async def _count(self, chat: str) -> None:
        if self._tell is not None:
            await self._tell(chat)
        self._since[chat] = self._since.get(chat, 0) + 1
        now = time.monotonic()
        if now >= self._quiet_until.get(chat, 0.0):
            self._quiet_until[chat] = now + LOG_EVERY_SECONDS
            self._log.warning("sender_not_proved", chat=chat, requests=self._since.pop(chat))


class _Door:
    def __init__(
        self,
        inlet: Inlet,
        ready: Callable[[], Awaitable[Readiness]],
        metrics: Callable[[], Awaitable[bytes]],
        *,
        open_metrics: bool,
    ) -> None:
        self._inlet = inlet
        self._ready = ready
        self._metrics = metrics
        self._open_metrics = open_metrics
        self._log = get_logger("http")

    async def receive(self, request: web.Request) -> web.Response:
        try:
            body = await read_at_most(request, MAX_BODY)
        except BodyTooLarge:
            return _refusal(413, "A hook may have at most 1 MiB; this one was not read.")
        except BodyTooSlow:
            return _refusal(408, "The hook did not arrive in time; send it again.")
        except BodyBroken:
            return _refusal(400, "This hook cannot be read.")
        reach(FaultPoint.HOOK_RECEIVED)
        try:
            answer = await self._inlet.receive_hook(
                request.match_info["network"], request.match_info["hook"], _read(request, body)
            )
        except KeyError:
            return _refusal(404, "No such hook is configured here.")
        except SignatureInvalid:
            return _refusal(401, "The signature does not prove who sent this hook.")
        except HookMalformed:
            return _refusal(400, "This hook cannot be read.")
        except StoreError as error:
            self._log.warning("hook_not_stored", says=str(error))
            refusal = _refusal(503, "This hook was not stored; send it again.")
            refusal.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
            return refusal
        return web.Response(text=answer)

    async def live(self, request: web.Request) -> web.Response:
        return web.Response(text="replydesk is running.\n")

    async def ready(self, request: web.Request) -> web.Response:
        readiness = await self._ready()
        says = readiness.says or ("replydesk is ready.",)
        return web.Response(status=200 if readiness.is_ready else 503, text="\n".join(says) + "\n")

    async def metrics(self, request: web.Request) -> web.Response:
        if not (self._open_metrics or _is_from_this_machine(request)):
            return _refusal(403, "Metrics are shown to this machine alone.")
        return web.Response(body=await self._metrics(), headers={"Content-Type": METRICS_TYPE})


def _read(request: web.Request, body: bytes) -> HookRequest:
    return HookRequest(
        method=request.method,
        headers={name.lower(): value for name, value in request.headers.items()},
        query=dict(request.query),
        body=body,
    )


def _refusal(status: int, says: str) -> web.Response:
    response = web.Response(status=status, text=says)
    if status in {400, 408, 413}:
        # What was not read must not be taken for the next request.
        response.force_close()
    return response


def _needs_no_host(path: str) -> bool:
    """Hooks and chats prove their sender by signature; health is asked for by bare addresses."""
    return is_hook(path) or path.startswith("/chats/") or path in {"/healthz", "/readyz"}


def is_hook(path: str) -> bool:
    """Whether no room is ever asked for this address."""
    return path.startswith("/hooks/")


def _is_from_this_machine(request: web.Request) -> bool:
    """A proxy on this machine speaks for others, and says so."""
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        return ipaddress.ip_address(request.remote or "").is_loopback
    except ValueError:
        return False


async def _set_default_headers(request: web.Request, response: web.StreamResponse) -> None:
    for name, value in DEFAULT_HEADERS.items():
        response.headers.setdefault(name, value)
