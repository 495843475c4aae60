"""Requests of the Bot API's library over our own HTTP client, which tells what was sent.

The library maps answers to its own errors; this is only the wire below it. It never retries, never
follows a redirect, and never writes the address, which carries the token, into an error or a log.
A caller's `write_timeout` is how many seconds from now the body may still begin to be written.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp.abc import AbstractStreamWriter
from aiohttp.payload import BytesPayload
from telegram.error import NetworkError, TelegramError
from telegram.request import BaseRequest, RequestData

from bot.ports import Clock

MAX_ANSWER = 24 * 1024 * 1024
CONNECT_SECONDS = 5.0
FLOODED = 429
LONGEST_WAIT = 24 * 3600


class NothingSent(NetworkError):
    """The request did not begin: whatever it was to do is not done."""


class Flooded(TelegramError):
    """Too many requests; nothing was done. For `seconds` Telegram wants to be left alone."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"Telegram wants to be left alone for {seconds} s.")
        self.seconds = seconds


class AiohttpRequest(BaseRequest):
    """Implements the library's `BaseRequest`. `seconds` is how long an answer may take."""

    def __init__(self, http: aiohttp.ClientSession, clock: Clock, seconds: float) -> None:
        self._http = http
        self._clock = clock
        self._seconds = seconds

    @property
    def read_timeout(self) -> float | None:
        return self._seconds

    async def initialize(self) -> None:
        """The client belongs to whoever opened it."""

    async def shutdown(self) -> None:
        """The client belongs to whoever opened it."""

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Status and body; NothingSent, Flooded, or NetworkError when it may have arrived."""
        raw, content_type = _encoded(request_data)
        body = _TimedBody(raw, content_type, self._clock, _number(write_timeout))
        timeout = aiohttp.ClientTimeout(
            total=_number(read_timeout) or self._seconds, sock_connect=CONNECT_SECONDS
        )
        try:
            async with self._http.request(
                method, url, data=body, timeout=timeout, allow_redirects=False
            ) as response:
                status, payload = response.status, await _read(response)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            # without the cause: it knows the address
            if body.started:
                raise NetworkError(f"No answer ({type(error).__name__}).") from None
            raise NothingSent(f"Not reached ({type(error).__name__}).") from None
        if status == FLOODED:
            raise Flooded(_seconds_of(payload))
        return status, payload


class _TimedBody(BytesPayload):
    """Bytes that refuse to start too late and remember whether they started."""

    def __init__(
        self, raw: bytes, content_type: str, clock: Clock, begin_within: float | None
    ) -> None:
        super().__init__(raw, content_type=content_type)
        self._clock = clock
        self._deadline = None if begin_within is None else clock.monotonic() + begin_within
        self.started = False

    async def write_with_length(
        self, writer: AbstractStreamWriter, content_length: int | None
    ) -> None:
        if self._deadline is not None and self._clock.monotonic() >= self._deadline:
            raise TimeoutError("past the deadline")
        self.started = True
        await super().write_with_length(writer, content_length)


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None


async def _read(response: aiohttp.ClientResponse) -> bytes:
    pieces, size = [], 0
    async for piece in response.content.iter_any():
        size += len(piece)
        if size > MAX_ANSWER:
            raise aiohttp.ClientPayloadError("too long an answer")
        pieces.append(piece)
    return b"".join(pieces)


def _seconds_of(payload: bytes) -> int:
    try:
        seconds = json.loads(payload)["parameters"]["retry_after"]
        return min(max(1, int(seconds)), LONGEST_WAIT)
    except (ValueError, TypeError, KeyError):
        return 30


def _encoded(data: RequestData | None) -> tuple[bytes, str]:
    if data is None:
        return b"", "application/octet-stream"
    fields = data.json_parameters
    if not data.contains_files:
        return urlencode(fields).encode(), "application/x-www-form-urlencoded"
    return _multipart(fields, data.multipart_data)


def _multipart(fields: Mapping[str, str], files: Mapping[str, Any]) -> tuple[bytes, str]:
    """All of it at once: a picture of ours has at most 8 MiB, and a form cannot begin twice."""
    boundary = secrets.token_hex(16)
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    for name, (file_name, content, kind) in files.items():
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; '
            f'filename="{file_name}"\r\nContent-Type: {kind}\r\n\r\n'
        )
        parts += [head.encode(), bytes(content), b"\r\n"]
    parts.append(f"--{boundary}--\r\n".encode())
    return b"".join(parts), f"multipart/form-data; boundary={boundary}"
