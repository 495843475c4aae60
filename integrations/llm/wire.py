"""The two requests of the OpenAI protocol, over HTTP: JSON there, and the bytes of the answer back.

The library of the same name does this too, with a model of each of the protocol's 3,000 types and
an HTTP client of its own: 30 MiB for as long as the desk runs, where what is asked for is a
dictionary and what comes back is read as foreign JSON anyway (docs/adr/0052). Its manners are kept:
what it tries again and when, the proxy that the environment names, a password in the address.
"""

from __future__ import annotations

import asyncio
import json
import random
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.request import getproxies, proxy_bypass

import aiohttp
from yarl import URL

FIRST_WAIT, LONGEST_WAIT = 0.5, 8.0
MOST_ASKED_TO_WAIT = 120.0
"""Seconds; whoever asks for more is not asked again."""
_PASSING = frozenset({408, 409, 429})
_FORM = {"Content-Type": "application/json", "Accept": "application/json"}


class ModelError(Exception):
    """The server did not answer the question. What it said is never in the error's own words."""

    may_pass = True
    """Whether the same request may be answered soon."""
    asked_to_wait = 0.0
    """Seconds; 0 where the server names none."""


class Unreachable(ModelError):
    """No whole answer came."""


class Refused(ModelError):
    """An answer with a status of 400 or more."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        super().__init__(f"status {status}")
        self.status = status
        self.asked_to_wait = _asked_to_wait(headers)
        self.may_pass = _may_pass(status, headers) and self.asked_to_wait <= MOST_ASKED_TO_WAIT
        said = _error_in(body)
        self.code = str(said.get("code"))
        self.param = str(said.get("param"))
        message = said.get("message")
        self.message = message if isinstance(message, str) else ""


class ModelServer:
    """One server, at `base_url`; touches no network until it is asked."""

    def __init__(
        self,
        base_url: str,
        key: str,
        max_retries: int,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        base = URL(base_url)
        self._base = str(base.with_user(None)).rstrip("/")
        self._retries = max_retries
        self._sleep = sleep
        # a name and a password in the address are sent instead, as every client does
        named = f"{base.user}:{base.password or ''}".encode()
        shown = f"Bearer {key}" if base.user is None else f"Basic {b64encode(named).decode()}"
        self._headers = {**_FORM, "Authorization": shown}
        self._session: aiohttp.ClientSession | None = None

    async def ask(self, path: str, question: Mapping[str, Any]) -> bytes:
        """The body of the answer. ModelError; how long it may take is the caller's to say."""
        url, body = f"{self._base}/{path}", json.dumps(question).encode()
        for tried in range(self._retries):
            try:
                return await self._once(url, body)
            except ModelError as error:
                if not error.may_pass:
                    raise
                await self._sleep(error.asked_to_wait or _own_wait(tried))
        return await self._once(url, body)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def _once(self, url: str, body: bytes) -> bytes:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                cookie_jar=aiohttp.DummyCookieJar(), timeout=aiohttp.ClientTimeout(total=None)
            )
        try:
            async with self._session.post(
                url, data=body, headers=self._headers, proxy=_proxy_to(url)
            ) as answer:
                said = await answer.read()
        except (aiohttp.ClientError, OSError) as error:
            raise Unreachable(type(error).__name__) from error
        if answer.status >= HTTPStatus.BAD_REQUEST:
            raise Refused(answer.status, answer.headers, said)
        return said


def _error_in(body: bytes) -> Mapping[str, Any]:
    """What the server says of the error, as the protocol has it; of anything else the text."""
    try:
        said = json.loads(body)
    except ValueError:
        return {"message": body.decode("utf-8", errors="replace").strip()}
    found = said.get("error", said) if isinstance(said, dict) else said
    return found if isinstance(found, dict) else {"message": found}


def _may_pass(status: int, headers: Mapping[str, str]) -> bool:
    """A server may say so itself."""
    told = headers.get("x-should-retry")
    if told in {"true", "false"}:
        return told == "true"
    return status in _PASSING or status >= HTTPStatus.INTERNAL_SERVER_ERROR


def _asked_to_wait(headers: Mapping[str, str]) -> float:
    """Seconds, or 0 where no number is named."""
    for name, part in (("retry-after-ms", 1_000), ("retry-after", 1)):
        try:
            return max(float(headers[name]) / part, 0.0)
        except (KeyError, ValueError):
            continue
    return 0.0


def _own_wait(tried: int) -> float:
    """Shortened by up to a quarter, so that those who failed together do not come back together."""
    wait: float = min(FIRST_WAIT * 2**tried, LONGEST_WAIT)
    return wait * random.uniform(0.75, 1.0)


def _proxy_to(url: str) -> str | None:
    """What the environment names for this address; its .netrc would replace our key."""
    where = URL(url)
    if not where.host or proxy_bypass(where.host):
        return None
    proxies = getproxies()
    return proxies.get(where.scheme) or proxies.get("all")
