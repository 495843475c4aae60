"""What the live checklist asked and was answered, kept so that tests can be compared with it.

A tap is a middleware of the HTTP client: it sees each exchange below our own code, and changes
nothing. Nothing is written before it is scrubbed (`bot.cli.scrubbing`).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
from aiohttp.base_protocol import BaseProtocol
from aiohttp.payload import Payload

from bot.bootstrap.build import version
from bot.cli.scrubbing import Scrubber
from bot.errors import ConfigurationError

FORMAT = 1
SWITCHED = 101
"""A socket stands: there is no body to read."""
MAX_BODY = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Exchange:
    """`call`: a method of the Web API or Bot API, or method and path of anything else."""

    step: str
    call: str
    asked: Any
    status: int
    answer: Any


class Recordings:
    """Exchanges by the chat or network that they were with."""

    def __init__(self, *, is_on: bool) -> None:
        self._is_on = is_on
        self._step = ""
        self._kept: dict[str, list[Exchange]] = {}

    def begin(self, where: str, step: str) -> None:
        self._step = step

    def tap(self, name: str) -> Sequence[aiohttp.ClientMiddlewareType]:
        """None where nothing is to be recorded."""
        if not self._is_on:
            return ()
        kept = self._kept.setdefault(name, [])

        async def tapped(
            request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
        ) -> aiohttp.ClientResponse:
            asked = await _asked(request)
            response = await handler(request)
            if response.status != SWITCHED:
                raw = await response.read()
                response.content = _anew(raw)
                answer = _read(raw)
                # WordPress without pretty addresses names what is asked in the query
                path = request.url.query.get("rest_route") or request.url.path
                call = call_of(request.method, path)
                kept.append(Exchange(self._step, call, asked, response.status, answer))
            return response

        return (tapped,)

    def write(self, folder: Path, scrubber: Scrubber) -> Sequence[Path]:
        """One file for each chat and network. ConfigurationError when a secret would be in it."""
        written = []
        for name, kept in self._kept.items():
            if not kept:
                continue
            document = {
                "format": FORMAT,
                "recorded": f"{datetime.now(UTC):%Y-%m-%d}",
                "replydesk": version(),
                "exchanges": [_scrubbed(one, scrubber) for one in kept],
            }
            text = json.dumps(document, ensure_ascii=True, indent=1) + "\n"
            scrubber.refuse_if_told(text)
            path = folder / f"{name}.json"
            try:
                folder.mkdir(parents=True, exist_ok=True)
                path.write_text(text, "utf-8")
            except OSError as error:
                raise ConfigurationError(f"{path} cannot be written: {error.strerror}.") from error
            written.append(path)
        return written


def call_of(method: str, path: str) -> str:
    """`chat.update`, `sendMessage`; for other networks the method and the path as it was."""
    last = path.rpartition("/")[2]
    if path.startswith("/api/") and "." in last and path.count("/") == 2:
        return last
    if "/bot" in path and path.rpartition("/bot")[2].count("/") == 1:
        return last
    return f"{method} {path}"


def _scrubbed(one: Exchange, scrubber: Scrubber) -> dict[str, Any]:
    return {
        "step": one.step,
        "call": scrubber.call(one.call),
        "asked": scrubber.scrub(one.asked),
        "status": one.status,
        "answer": scrubber.scrub(one.answer),
    }


async def _asked(request: aiohttp.ClientRequest) -> Any:
    body = request.body
    if not isinstance(body, Payload) or request.headers.get("Content-Type", "").startswith("multi"):
        return dict(request.url.query) or None
    raw = await body.as_bytes()
    if "json" in request.headers.get("Content-Type", ""):
        return _read(raw)
    fields = parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: _parsed(value) for name, value in fields}


def _anew(raw: bytes) -> aiohttp.StreamReader:
    """What was read, to be read by whoever asked."""
    loop = asyncio.get_running_loop()
    content = aiohttp.StreamReader(BaseProtocol(loop), 2**16, loop=loop)
    content.feed_data(raw)
    content.feed_eof()
    return content


def _parsed(value: str) -> Any:
    """A field of a form may hold JSON."""
    if value[:1] in {"[", "{"}:
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _read(raw: bytes) -> Any:
    if len(raw) > MAX_BODY:
        return f"{len(raw)} bytes"
    try:
        return json.loads(raw)
    except ValueError:
        return f"{len(raw)} bytes that are no JSON"
