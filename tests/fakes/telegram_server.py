"""A Bot API server of ours, over real HTTP: it refuses what Telegram refuses, and people use it.

`faults` are taken by the next requests of the method they name. `refused` is everything that was
refused, as (method, description); `judged` what the vendor's description, when it is at hand, has
against a request of the desk's or an answer of ours.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import aiohttp
from aiohttp import web

from tests.fakes.bot_api import BotApi, at_hand
from tests.fakes.telegram_calls import BotCalls
from tests.fakes.telegram_world import Refused, bad
from tests.services import LOOPBACK, free_port

TOKEN = "777000777:AAFakeFakeFakeFakeFakeFakeFakeFakeFak"
TEXTS = {
    "text", "caption", "parse_mode", "callback_query_id", "name", "url", "secret_token",
    "inline_query_id", "language_code", "file_id",
}  # fmt: skip
"""Fields whose value is text as it stands; all others are JSON."""


METHODS = ("getUpdates", *BotCalls().methods())


class Fault(StrEnum):
    LOSE_ANSWER = "lose_answer"
    LOSE_REQUEST = "lose_request"
    ERROR_AFTER_ACTING = "error_after_acting"
    ERROR = "error"
    TOO_MANY = "too_many"
    BAD_MARKUP = "bad_markup"


@dataclass(slots=True)
class TelegramServer(BotCalls):
    """`url` is what `telegram.base_url` names."""

    port: int = field(default_factory=free_port)
    tokens: set[str] = field(default_factory=lambda: {TOKEN})
    """Those that are good now, of one and the same bot."""
    api: BotApi | None = field(default_factory=at_hand)
    faults: dict[str, deque[Fault]] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    judged: list[str] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    _poller: asyncio.Task[Any] | None = None
    told: list[dict[str, Any]] = field(default_factory=list)
    """Every update that there was, taken or not."""
    _sending: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[TelegramServer]:
        app = web.Application(client_max_size=32 * 1024 * 1024)
        app.router.add_route("*", "/bot{token}/{method}", self._call)
        app.router.add_get("/file/bot{token}/{path}", self._file)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, LOOPBACK, self.port).start()
        try:
            yield self
        finally:
            for task in self._sending:
                task.cancel()
            await runner.cleanup()

    def fail(self, method: str, *faults: Fault) -> None:
        self.faults.setdefault(method, deque()).extend(faults)

    def asked(self, method: str) -> list[dict[str, Any]]:
        return [values for name, values in self.calls if name == method]

    # Updates

    def tell(self, **update: Any) -> int:
        """Something happened: the bot hears of it by poll or webhook."""
        number = self.world.number() + 1_000_000
        self.world.updates.append({"update_id": number, **update})
        self.told.append(update)
        self._stir()
        if self.webhook.get("url"):
            task = asyncio.create_task(self._deliver(number))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)
        return number

    async def _deliver(self, number: int) -> None:
        """Sent until it is taken, as Telegram does."""
        while True:
            update = [one for one in self.world.updates if one["update_id"] == number]
            if not update or not self.webhook.get("url"):
                return
            status = await self.send_update(update[0], self.webhook.get("secret_token", ""))
            if 200 <= status < 300:
                with contextlib.suppress(ValueError):
                    self.world.updates.remove(update[0])
                return
            await asyncio.sleep(0.05)

    async def send_update(self, update: dict[str, Any] | bytes, secret: str | None) -> int:
        """One delivery to the webhook; its status, 0 when nobody answers."""
        body = update if isinstance(update, bytes) else json.dumps(update).encode()
        headers = {"Content-Type": "application/json"}
        if secret is not None:
            headers["X-Telegram-Bot-Api-Secret-Token"] = secret
        try:
            async with (
                aiohttp.ClientSession() as http,
                http.post(self.webhook["url"], data=body, headers=headers) as answer,
            ):
                return answer.status
        except aiohttp.ClientError:
            return 0

    def _stir(self) -> None:
        self.changed.set()
        self.changed = asyncio.Event()

    # The Bot API

    async def _call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        # method names mind no case
        method = {known.lower(): known for known in METHODS}.get(method.lower(), method)
        if request.match_info["token"] not in self.tokens:
            return _answer(Refused(401, "Unauthorized"))
        values = await self._values(request)
        self.calls.append((method, values))
        if self.api is not None:
            plain = {
                name: "" if isinstance(value, bytes) else value
                for name, value in values.items()
                if not name.startswith("attached")
            }
            self.judged += self.api.complaints(method, plain)
        waiting = self.faults.get(method)
        fault = waiting.popleft() if waiting else None
        if fault in {Fault.LOSE_REQUEST, Fault.ERROR}:
            return _broken(request, fault)
        try:
            if fault is Fault.TOO_MANY:
                raise Refused(429, "Too Many Requests: retry after 1", retry_after=1)
            if fault is Fault.BAD_MARKUP and values.get("parse_mode"):
                raise bad("can't parse entities: for the sake of the test")
            result = await self._act(method, values)
        except Refused as refusal:
            self.refused.append((method, refusal.description))
            return _answer(refusal)
        finally:
            self._stir()
        if fault in {Fault.LOSE_ANSWER, Fault.ERROR_AFTER_ACTING}:
            return _broken(request, fault)
        if self.api is not None:
            self.judged += self.api.answer_complaints(method, result)
        return web.json_response({"ok": True, "result": result})

    async def _values(self, request: web.Request) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name, raw in (await request.post()).items():
            if isinstance(raw, web.FileField):
                values[name] = raw.file.read()
            elif isinstance(raw, str) and name not in TEXTS:
                try:
                    values[name] = json.loads(raw)
                except ValueError:
                    values[name] = raw
            else:
                values[name] = raw
        return values

    async def _act(self, method: str, values: dict[str, Any]) -> Any:
        if method == "getUpdates":
            return await self._get_updates(values)
        known = self.methods()
        if method not in known:
            raise Refused(404, "Not Found")
        return known[method](values)

    async def _get_updates(self, values: dict[str, Any]) -> Any:
        if self.webhook.get("url"):
            raise Refused(409, "Conflict: can't use getUpdates method while webhook is active")
        if self._poller is not None:
            self._poller.cancel()
        offset = int(values.get("offset", 0))
        self.world.updates[:] = [u for u in self.world.updates if u["update_id"] >= offset]
        me = self._poller = asyncio.current_task()
        end = asyncio.get_running_loop().time() + float(values.get("timeout", 0))
        try:
            while not self.world.updates:
                left = end - asyncio.get_running_loop().time()
                if left <= 0:
                    break
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.changed.wait(), left)
        except asyncio.CancelledError:
            if self._poller is me:
                raise
            raise Refused(
                409,
                "Conflict: terminated by other getUpdates request; make sure that only one "
                "bot instance is running",
            ) from None
        finally:
            if self._poller is me:
                self._poller = None
        return list(self.world.updates[: int(values.get("limit", 100))])

    async def _file(self, request: web.Request) -> web.Response:
        return web.Response(body=self.world.files[request.match_info["path"]])


def _answer(refusal: Refused) -> web.Response:
    body: dict[str, Any] = {
        "ok": False,
        "error_code": refusal.status,
        "description": refusal.description,
    }
    if refusal.parameters:
        body["parameters"] = refusal.parameters
    return web.json_response(body, status=refusal.status)


def _broken(request: web.Request, fault: Fault) -> web.Response:
    """No answer at all, or the server's own error."""
    if fault in {Fault.LOSE_ANSWER, Fault.LOSE_REQUEST} and request.transport is not None:
        request.transport.abort()
    return web.Response(status=502, text="Bad Gateway")
