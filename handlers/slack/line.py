"""The line to Slack's Web API: one session, one client without retries, typed errors.

`AsyncWebClient` repeats a request whose connection dropped unless it is told not to; a repeated
`chat.postMessage` is a second message. Here nothing is repeated. What may have left is known from
the session itself: aiohttp says when a connection is there and when the first bytes are written.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from yarl import URL

from bot.errors import (
    OutcomeUnknown,
    PermissionMissing,
    Rejected,
    Unavailable,
    UnexpectedResponse,
)
from bot.model.ids import Monotonic
from bot.ports import Clock
from handlers.slack.errors import error_of

CONNECT_SECONDS = 5.0
FILES = aiohttp.ClientTimeout(total=60.0, sock_connect=CONNECT_SECONDS)
"""For the bytes of one file."""


@dataclass(frozen=True, slots=True)
class SlackOptions:
    """`api_url` is the base of the Web API. Tokens may be empty where nothing needs them."""

    bot_token: str
    app_token: str = ""
    signing_secret: str = ""
    api_url: str = "https://slack.com/api"
    command: str = "/desk"
    timeout_seconds: float = 10.0


@dataclass(slots=True)
class _Attempt:
    """One request: until when it may begin, and whether its first bytes were written."""

    deadline: Monotonic | None
    has_begun: bool = False


@dataclass(frozen=True, slots=True)
class SlackAnswer:
    """`data` is empty for an answer that was no JSON."""

    status: int
    headers: Mapping[str, str]
    data: Mapping[str, Any]


class TooLate(Exception):
    """The connection came after the deadline: nothing was written on it."""


_FAILURES = (
    aiohttp.ClientError,
    OSError,
    TimeoutError,
    TooLate,
    # the library cannot make sense of what it read
    SlackClientError,
    ValueError,
    AttributeError,
)


class SlackLine:
    """`client` and `session` are for the libraries that hold a line of their own."""

    def __init__(
        self,
        options: SlackOptions,
        clock: Clock,
        middlewares: Sequence[aiohttp.ClientMiddlewareType] = (),
    ) -> None:
        self.options = options
        self._clock = clock
        self._attempt: ContextVar[_Attempt | None] = ContextVar("attempt", default=None)
        trace = aiohttp.TraceConfig()
        trace.on_connection_create_end.append(self._is_on_time)
        trace.on_connection_reuseconn.append(self._is_on_time)
        trace.on_request_headers_sent.append(self._has_begun)
        self.session = aiohttp.ClientSession(
            cookie_jar=aiohttp.DummyCookieJar(),
            trace_configs=[trace],
            middlewares=middlewares,
            timeout=aiohttp.ClientTimeout(
                total=options.timeout_seconds, sock_connect=CONNECT_SECONDS
            ),
        )
        self.client = self.client_with(options.bot_token)

    def client_with(self, token: str | None) -> AsyncWebClient:
        return AsyncWebClient(
            token=token,
            base_url=self.options.api_url.rstrip("/") + "/",
            session=self.session,
            timeout=int(self.options.timeout_seconds),
            retry_handlers=[],
        )

    async def write(
        self, method: str, body: Mapping[str, Any], deadline: Monotonic | None = None
    ) -> Mapping[str, Any]:
        """A method that changes something, its arguments as JSON; any `ConnectorError`.

        `Unavailable` when nothing was sent, which is so past the deadline too.
        """
        attempt = _Attempt(deadline)
        return await self._call(method, attempt, self.client, json=dict(body))

    async def read(self, method: str, arguments: Mapping[str, str]) -> Mapping[str, Any]:
        """A method that changes nothing, its arguments as a form: Slack reads no JSON there.

        POST, although the library would use GET: an address is written into logs.
        """
        try:
            return await self._call(method, _Attempt(None), self.client, data=dict(arguments))
        except OutcomeUnknown as error:
            raise Unavailable(str(error)) from error

    async def ask(self, method: str, arguments: Mapping[str, str]) -> SlackAnswer:
        """As `read`, but an answer that refuses is an answer: for what its headers and details say.

        Unavailable when there was none.
        """
        try:
            return await self._exchanged(
                method, _Attempt(None), self.client, {"data": dict(arguments)}
            )
        except OutcomeUnknown as error:
            raise Unavailable(str(error)) from error

    async def upload(self, address: str, data: bytes, content_type: str) -> None:
        """Bytes to an address that Slack named for them; unseen, so it may be repeated."""
        self._refuse_elsewhere(address)
        headers = {"Content-Type": content_type}
        try:
            async with self.session.post(
                address, data=data, headers=headers, timeout=FILES, allow_redirects=False
            ) as answer:
                status = answer.status
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise Unavailable("Slack could not be reached.") from error
        if status != 200:
            raise Unavailable(f"Slack did not take the picture ({status}).")

    async def download(self, address: str, most: int) -> bytes:
        """A file that Slack named the address of; Rejected when it has more than `most` bytes.

        The token goes along, and so nowhere else than to Slack, and no redirection is followed.
        """
        self._refuse_elsewhere(address)
        headers = {"Authorization": f"Bearer {self.options.bot_token}"}
        try:
            async with self.session.get(
                address, headers=headers, timeout=FILES, allow_redirects=False
            ) as answer:
                is_page = answer.content_type == "text/html" or answer.status in {302, 303, 403}
                if is_page:
                    says = "Slack's app may not read files: it lacks files:read."
                    raise PermissionMissing(says, scope="files:read")
                if answer.status != 200:
                    raise Unavailable(f"Slack did not give the picture ({answer.status}).")
                data = await answer.content.read(most + 1)
                while len(data) <= most and (more := await answer.content.read(most + 1)):
                    data += more
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise Unavailable("Slack could not be reached.") from error
        if len(data) > most:
            raise Rejected("The file is too large.")
        return data

    def _refuse_elsewhere(self, address: str) -> None:
        """Files live on the host of the Web API or below it (files.slack.com)."""
        here, there = URL(self.options.api_url), URL(address)
        is_ours = there.host == here.host or str(there.host).endswith(f".{here.host}")
        if not is_ours or there.scheme != here.scheme or there.port != here.port:
            raise UnexpectedResponse("Slack named an address for a file that is not Slack's.")

    async def open_socket(self) -> str:
        """The address of a new connection in Socket Mode, good for one use."""
        client = self.client_with(self.options.app_token)
        try:
            answer = await self._call("apps.connections.open", _Attempt(None), client, data={})
        except OutcomeUnknown as error:
            raise Unavailable(str(error)) from error
        return str(answer["url"])

    async def _call(
        self, method: str, attempt: _Attempt, client: AsyncWebClient, **arguments: Any
    ) -> Mapping[str, Any]:
        answer = await self._exchanged(method, attempt, client, arguments)
        problem = error_of(answer.status, answer.headers, answer.data, self._clock.now())
        if problem is not None:
            raise problem
        return answer.data

    async def _exchanged(
        self, method: str, attempt: _Attempt, client: AsyncWebClient, arguments: dict[str, Any]
    ) -> SlackAnswer:
        token = self._attempt.set(attempt)
        try:
            return await _exchange(client, method, arguments)
        except _FAILURES as error:
            if attempt.has_begun:
                raise OutcomeUnknown("Slack did not answer.") from error
            raise Unavailable("Slack could not be reached.") from error
        finally:
            self._attempt.reset(token)

    async def _is_on_time(
        self, session: aiohttp.ClientSession, context: SimpleNamespace, params: object
    ) -> None:
        attempt = self._attempt.get()
        if attempt is None or attempt.deadline is None:
            return
        if self._clock.monotonic() >= attempt.deadline:
            raise TooLate

    async def _has_begun(
        self, session: aiohttp.ClientSession, context: SimpleNamespace, params: object
    ) -> None:
        attempt = self._attempt.get()
        if attempt is not None:
            attempt.has_begun = True


@asynccontextmanager
async def slack_line(
    options: SlackOptions,
    clock: Clock,
    middlewares: Sequence[aiohttp.ClientMiddlewareType] = (),
) -> AsyncIterator[SlackLine]:
    line = SlackLine(options, clock, middlewares)
    try:
        yield line
    finally:
        await line.session.close()
        # what the session closed has yet to say so to the loop
        await asyncio.sleep(0)


async def _exchange(client: AsyncWebClient, method: str, arguments: dict[str, Any]) -> SlackAnswer:
    """The answer, also where the library raises because of it; it does for all that are not ok."""
    try:
        response: Any = await client.api_call(method, **arguments)
    except SlackApiError as error:
        response = error.response
    # the library's own answer, or aiohttp's where the body was no JSON
    status: int = getattr(response, "status_code", None) or response.status
    data = getattr(response, "data", None)
    return SlackAnswer(status, response.headers, data if isinstance(data, dict) else {})
