"""HTTP/1.1 with as little in the way as possible, so that the machine is left to what is measured.

A `Caller` keeps one connection and sends one request at a time. `serve` answers requests with
whatever a function returns for method, path and body, and tells it when each request had arrived
whole. Only what the benchmarks need: bodies with a length, connections kept alive, loopback.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import cast

Clock = Callable[[], float]
monotonic: Clock = time.monotonic
"""Seconds; on one machine the same in every process."""

Respond = Callable[[str, str, bytes, float], bytes]
"""Method, path, body and moment of arrival -> the body of the answer, or raises LookupError."""


class Answer:
    __slots__ = ("at", "body", "status")

    def __init__(self, status: int, body: bytes, at: float) -> None:
        self.status = status
        self.body = body
        self.at = at


def request(method: str, path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii") + body


class _Messages:
    """Cuts a stream of bytes into (start line and headers, body)."""

    def __init__(self) -> None:
        self._data = b""

    def feed(self, data: bytes) -> list[tuple[bytes, bytes]]:
        self._data += data
        whole = []
        while (end := self._data.find(b"\r\n\r\n")) >= 0:
            head = self._data[:end]
            through = end + 4 + _length(head)
            if len(self._data) < through:
                break
            whole.append((head, self._data[end + 4 : through]))
            self._data = self._data[through:]
        return whole


def _length(head: bytes) -> int:
    lower = head.lower()
    place = lower.find(b"content-length:")
    if place < 0:
        return 0
    return int(lower[place + 15 :].split(b"\r\n", 1)[0])


class Caller(asyncio.Protocol):
    """One kept connection; the next request may be sent when the last was answered."""

    def __init__(self) -> None:
        self._messages = _Messages()
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[Answer] | None = None

    @classmethod
    async def to(cls, port: int) -> Caller:
        loop = asyncio.get_running_loop()
        _transport, caller = await loop.create_connection(cls, "127.0.0.1", port)
        return caller

    async def send(self, data: bytes) -> Answer:
        assert self._transport is not None
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(data)
        return await self._waiting

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        for head, body in self._messages.feed(data):
            if self._waiting is not None and not self._waiting.done():
                self._waiting.set_result(Answer(int(head[9:12]), body, monotonic()))

    def connection_lost(self, error: Exception | None) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(error or ConnectionResetError("closed without an answer"))


class _Served(asyncio.Protocol):
    def __init__(self, respond: Respond) -> None:
        self._respond = respond
        self._messages = _Messages()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        at = monotonic()
        assert self._transport is not None
        for head, body in self._messages.feed(data):
            method, path, _version = head.split(b"\r\n", 1)[0].decode("ascii").split(" ")
            try:
                answer, status = self._respond(method, path, body, at), b"200 OK"
            except LookupError:
                answer, status = b"{}", b"404 Not Found"
            self._transport.write(
                b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
                % (status, len(answer), answer)
            )


async def serve(respond: Respond) -> asyncio.Server:
    """A server on a free loopback port, running."""
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: _Served(respond), "127.0.0.1", 0)


def port_of(server: asyncio.Server) -> int:
    port: int = server.sockets[0].getsockname()[1]
    return port
