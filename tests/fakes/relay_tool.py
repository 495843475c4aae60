"""A tool of the team's own at the other end of the relay, over real HTTP; its book is the judge.

It refuses what it should refuse: a wrong signature, a repeated key, a message that it does not
know. `faults` are taken by the next writing requests.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import aiohttp
from aiohttp import web

from bot.coordination.clock import SystemClock
from bot.errors import SignatureInvalid
from bot.ports import Clock
from handlers.relay.signing import check, signed
from tests.services import LOOPBACK, free_port

SECRET = "relay-secret-of-this-test"


class Fault(StrEnum):
    """What becomes of one writing request."""

    LOSE_ANSWER = "lose_answer"
    LOSE_REQUEST = "lose_request"
    ERROR_AFTER_ACTING = "error_after_acting"
    ERROR = "error"
    TOO_MANY = "too_many"


@dataclass(slots=True)
class Shown:
    """One message; `cards` are all that it ever showed, oldest first."""

    id: str
    key: str
    channel: str
    is_repeat: bool
    cards: list[dict[str, Any]]

    @property
    def card(self) -> dict[str, Any]:
        return self.cards[-1]


@dataclass(slots=True)
class RelayTool:
    """`url` is what `relay.url` names; `desk` the base URL of the desk that presses go to."""

    port: int = field(default_factory=free_port)
    read_back: bool = True
    lag_seconds: float = 0.0
    """How long a message can be posted already and not be found."""
    clock: Clock = field(default_factory=SystemClock)
    """Of the signatures that it believes."""
    messages: list[Shown] = field(default_factory=list)
    faults: deque[Fault] = field(default_factory=deque)
    refused: list[str] = field(default_factory=list)
    seen_at: dict[str, float] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}/cards"

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[RelayTool]:
        app = web.Application(middlewares=[self._signed], client_max_size=4 * 1024 * 1024)
        app.router.add_post("/cards", self._post)
        app.router.add_put("/cards/{message}", self._put)
        app.router.add_get("/cards", self._find)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, LOOPBACK, self.port).start()
        try:
            yield self
        finally:
            await runner.cleanup()

    def of_token(self, token: str) -> list[Shown]:
        return [one for one in self.messages if one.card["token"] == token]

    async def press(
        self,
        desk: str,
        user: str,
        data: str,
        *,
        press_id: str,
        entry: str = "",
        secret: str = SECRET,
    ) -> tuple[int, dict[str, str]]:
        """As the tool sends a press: status and answer."""
        body = json.dumps({"id": press_id, "user": user, "data": data, "entry": entry}).encode()
        headers = signed(secret, "POST", "/chats/relay/press", body, SystemClock().now())
        headers["Content-Type"] = "application/json"
        async with (
            aiohttp.ClientSession() as http,
            http.post(f"{desk}/chats/relay/press", data=body, headers=headers) as answer,
        ):
            return answer.status, await answer.json()

    @web.middleware
    async def _signed(self, request: web.Request, handler: Any) -> web.StreamResponse:
        body = await request.read()
        try:
            now = self.clock.now()
            check(SECRET, request.method, request.raw_path, request.headers, body, now)
        except SignatureInvalid as error:
            self.refused.append(str(error))
            return web.Response(status=401)
        found: web.StreamResponse = await handler(request)
        return found

    async def _post(self, request: web.Request) -> web.Response:
        form = await request.json()
        fault = self.faults.popleft() if self.faults else None
        stopped = await self._before(request, fault)
        if stopped is not None:
            return stopped
        if any(one.key == form["key"] for one in self.messages):
            self.refused.append(f"key {form['key']} came twice")
            return web.Response(status=409)
        message = Shown(
            f"m{len(self.messages) + 1}",
            form["key"],
            form["channel"],
            form["repeat"],
            [form["card"]],
        )
        self.messages.append(message)
        self.seen_at[message.key] = asyncio.get_running_loop().time()
        return await self._after(request, fault, {"message": message.id})

    async def _put(self, request: web.Request) -> web.Response:
        form = await request.json()
        fault = self.faults.popleft() if self.faults else None
        stopped = await self._before(request, fault)
        if stopped is not None:
            return stopped
        found = [one for one in self.messages if one.id == request.match_info["message"]]
        if not found:
            return web.Response(status=404)
        found[0].cards.append(form["card"])
        return await self._after(request, fault, {})

    async def _find(self, request: web.Request) -> web.Response:
        if not self.read_back:
            self.refused.append("asked although it cannot be asked")
            return web.Response(status=405)
        now = asyncio.get_running_loop().time()
        for one in self.messages:
            if one.key == request.query["key"] and now - self.seen_at[one.key] >= self.lag_seconds:
                return web.json_response({"message": one.id})
        return web.Response(status=404)

    async def _before(self, request: web.Request, fault: Fault | None) -> web.Response | None:
        match fault:
            case Fault.LOSE_REQUEST:
                _cut(request)
                return web.Response(status=500)
            case Fault.ERROR:
                return web.Response(status=500)
            case Fault.TOO_MANY:
                return web.Response(status=429, headers={"Retry-After": "1"})
            case _:
                return None

    async def _after(
        self, request: web.Request, fault: Fault | None, answer: dict[str, str]
    ) -> web.Response:
        if fault is Fault.LOSE_ANSWER:
            _cut(request)
        if fault is Fault.ERROR_AFTER_ACTING:
            return web.Response(status=500)
        return web.json_response(answer)


def _cut(request: web.Request) -> None:
    """Close the connection without an answer."""
    if request.transport is not None:
        request.transport.abort()
