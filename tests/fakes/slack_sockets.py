"""Socket Mode as Slack serves it: one-use addresses, at most ten connections, three seconds to ack.

An event goes to one connection. What is not acknowledged in time is lost, as it is for presses and
commands in Slack: the person sees Slack's own error.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from tests.services import LOOPBACK

ACK_SECONDS = 10.0
"""Slack's are three; the machine may be busy."""
MOST = 10

Payload = dict[str, Any]


@dataclass(slots=True)
class Sockets:
    port: int
    app_tokens: set[str]
    ack_seconds: float = field(default=ACK_SECONDS, kw_only=True)
    tickets: set[str] = field(default_factory=set)
    open: list[web.WebSocketResponse] = field(default_factory=list)
    made: int = 0
    """Connections that ever stood."""
    refuses: bool = False
    """Whether no connection comes to stand."""
    is_deaf: bool = False
    """Whether connections stand and say nothing, not even pong."""
    _acks: dict[str, asyncio.Future[Payload]] = field(default_factory=dict)

    def ticket(self) -> str:
        name = secrets.token_hex(8)
        self.tickets.add(name)
        return f"ws://{LOOPBACK}:{self.port}/link?ticket={name}"

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        ticket = request.query.get("ticket", "")
        if ticket not in self.tickets:
            raise web.HTTPUnauthorized
        self.tickets.discard(ticket)
        if self.refuses:
            raise web.HTTPServiceUnavailable
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        if len(self.open) >= MOST:
            await socket.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await socket.close()
            return socket
        self.open.append(socket)
        self.made += 1
        if not self.is_deaf:
            await socket.send_json({"type": "hello", "num_connections": len(self.open)})
        try:
            await self._hear(socket)
        finally:
            self.open.remove(socket)
        return socket

    async def deliver(self, kind: str, payload: Payload) -> Payload | None:
        """What the app answered, or None when nothing acknowledged it in time."""
        if not self.open:
            return None
        envelope = secrets.token_hex(8)
        waiting: asyncio.Future[Payload] = asyncio.get_running_loop().create_future()
        self._acks[envelope] = waiting
        await self.open[-1].send_json(
            {
                "envelope_id": envelope,
                "type": kind,
                "payload": payload,
                "accepts_response_payload": kind != "events_api",
            }
        )
        try:
            async with asyncio.timeout(self.ack_seconds):
                return await waiting
        except TimeoutError:
            return None
        finally:
            del self._acks[envelope]

    async def drop(self) -> None:
        """Every connection ends, as it does now and then."""
        for socket in list(self.open):
            await socket.close()

    async def ask_to_leave(self) -> None:
        """Slack warns before it ends a connection."""
        for socket in list(self.open):
            await socket.send_json({"type": "disconnect", "reason": "refresh_requested"})

    async def close(self) -> None:
        await self.drop()

    async def _hear(self, socket: web.WebSocketResponse) -> None:
        async for frame in socket:
            if self.is_deaf:
                continue
            if frame.type is WSMsgType.PING:
                await socket.pong(frame.data)
            elif frame.type is WSMsgType.TEXT:
                answer = json.loads(frame.data)
                waiting = self._acks.get(answer.get("envelope_id", ""))
                if waiting is not None and not waiting.done():
                    waiting.set_result(answer.get("payload") or {})
