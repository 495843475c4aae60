"""The sandbox network's own page: the brand's posts, a composer for customers, and the switches.

All its addresses are relative to where it is mounted. It is live by server-sent events: each
event is a whole snapshot (the newest threads only), at most four a second.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from pathlib import Path
from typing import Any

from aiohttp import web

from integrations.sandbox.control import BadControl, Controls
from integrations.sandbox.faults import Faults
from integrations.sandbox.network import SandboxNetwork
from integrations.sandbox.phone import Phone
from integrations.sandbox.rendering import number_of
from integrations.sandbox.same_origin import LOOPBACK_NAMES, is_from_the_page
from integrations.sandbox.snapshot import snapshot

_HERE = Path(__file__).parent
_COALESCE = 0.25
_PING = 15.0
_POLICY = (
    "default-src 'self'; base-uri 'none'; form-action 'none'; object-src 'none'; "
    "frame-ancestors 'self'"
)


def build_pane(
    network: SandboxNetwork,
    faults: Faults,
    controls: Controls,
    phone: Phone,
    *,
    stop: asyncio.Event,
    allowed_hosts: frozenset[str] = LOOPBACK_NAMES,
) -> web.Application:
    """Mount with `add_subapp("/sandbox", ...)`; `stop` (set on shutdown too) ends its streams."""
    app = web.Application()
    pane = _Pane(network, faults, controls, phone, stop, allowed_hosts)
    app.router.add_get("", pane.redirect)
    app.router.add_get("/", pane.page)
    app.router.add_get("/feed", pane.feed)
    app.router.add_get("/state", pane.state)
    app.router.add_get("/media/{id}", pane.picture)
    app.router.add_post("/control/{name}", pane.control)
    app.router.add_post("/phone", phone.ring)
    app.router.add_static("/static", _HERE / "static")
    app.on_response_prepare.append(_secure)
    app.on_shutdown.append(pane.end)
    return app


class _Pane:
    def __init__(
        self,
        network: SandboxNetwork,
        faults: Faults,
        controls: Controls,
        phone: Phone,
        stop: asyncio.Event,
        allowed_hosts: frozenset[str],
    ) -> None:
        self._network = network
        self._faults = faults
        self._controls = controls
        self._phone = phone
        self._stop = stop
        self._allowed_hosts = allowed_hosts
        self._html = (_HERE / "templates" / "pane.html").read_text(encoding="utf-8")

    async def end(self, _: web.Application) -> None:
        self._stop.set()
        self._network.ring()

    async def redirect(self, request: web.Request) -> web.Response:
        raise web.HTTPPermanentRedirect(request.path + "/")

    async def page(self, _: web.Request) -> web.Response:
        return web.Response(text=self._html, content_type="text/html")

    async def state(self, request: web.Request) -> web.Response:
        return web.json_response(await self._snapshot(request))

    async def picture(self, request: web.Request) -> web.Response:
        found = await self._network.picture(request.match_info["id"])
        if found is None:
            raise web.HTTPNotFound
        content_type, data = found
        return web.Response(body=data, content_type=content_type)

    async def control(self, request: web.Request) -> web.Response:
        if not is_from_the_page(request, self._allowed_hosts):
            return _refused(403, "This button works only on the sandbox's own page.")
        try:
            body = json.loads(await request.read())
            answer = await self._controls.press(request.match_info["name"], body)
        except BadControl as error:
            return _refused(422, str(error))
        except (ValueError, RecursionError):
            return _refused(400, "The request is not JSON.")
        return web.json_response(answer)

    async def feed(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        # the browser is gone: it reconnects by itself when it comes back
        with contextlib.suppress(ConnectionResetError):
            await self._stream(request, response)
        return response

    async def _stream(self, request: web.Request, response: web.StreamResponse) -> None:
        await response.write(b"retry: 1000\n\n")
        with self._network.bell() as bell:
            while not self._stop.is_set():
                version = self._network.version
                data = json.dumps(await self._snapshot(request), ensure_ascii=False)
                await response.write(f"id: {version}\ndata: {data}\n\n".encode())
                while not await bell.wait(_PING):
                    await response.write(b": still here\n\n")
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stop.wait(), _COALESCE)

    async def _snapshot(self, request: web.Request) -> dict[str, Any]:
        focus = number_of(request.query.get("focus", ""), "c")
        seen = await snapshot(self._network, self._faults, self._controls, focus)
        return {**seen, "phone": self._phone.to_json()}


async def _secure(_: web.Request, response: web.StreamResponse) -> None:
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "no-cache"


def _refused(status: int, says: str) -> web.Response:
    return web.json_response({"says": says}, status=status)
