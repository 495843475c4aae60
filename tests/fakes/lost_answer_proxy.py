"""A reverse proxy that loses answers: the proof that nothing is published twice.

It stands between a connector and any network over HTTP, real or fake. What it forwards it forwards
unchanged, byte for byte in path and query; only `Host` and the headers of the connection are its
own. A network that names its own address in an answer (a Location, a Bluesky session's `didDoc`)
names the upstream, not the proxy: a client that follows it leaves the proxy.

    async with LostAnswerProxy(network.url, mode=Mode.DROP_AFTER_FORWARD) as proxy:
        ...  # the first write reaches the network, its answer reaches nobody; then all pass
        assert proxy.forwarded[("POST", "/comments")] == 1
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp import web
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
LARGEST_BODY_BYTES = 64 * 1024 * 1024
UPSTREAM_SECONDS = 30.0
# RFC 9110 section 7.6.1: about this connection, not about the message.
OF_THE_CONNECTION = frozenset(
    "connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer "
    "transfer-encoding upgrade".split()
)
NOT_FORWARDED = OF_THE_CONNECTION | {"host", "content-length", "expect"}
NOT_RETURNED = OF_THE_CONNECTION | {"content-length"}
SET_BY_THE_CLIENT_LIBRARY = ("Accept", "Accept-Encoding", "User-Agent", "Content-Type")


class Mode(StrEnum):
    PASS = "pass"
    DROP_AFTER_FORWARD = "drop_after_forward"
    DROP_BEFORE_FORWARD = "drop_before_forward"
    ERROR_500 = "error_500"
    ERROR_500_AFTER_FORWARD = "error_500_after_forward"
    SLOW = "slow"
    """Forwards, and answers late, but within the client's patience."""
    DELAY_BEYOND_TIMEOUT = "delay_beyond_timeout"
    TOO_MANY_REQUESTS = "too_many_requests"
    CLOSE_AFTER_HEADERS = "close_after_headers"


Predicate = Callable[[str, str], bool]
"""(method, target) -> does the mode apply? The target is the path with its query, as sent."""


def is_write(method: str, target: str) -> bool:
    return method in WRITES


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    reason: str | None
    headers: CIMultiDict[str]
    body: bytes


class LostAnswerProxy:
    """`mode` applies to the first `times` requests that match `only` (None: to all of them)."""

    def __init__(
        self,
        upstream: str,
        *,
        mode: Mode = Mode.PASS,
        only: Predicate = is_write,
        times: int | None = 1,
        hold_seconds: float = 30.0,
        slow_seconds: float = 0.5,
        retry_after_seconds: int = 1,
    ) -> None:
        self.forwarded: Counter[tuple[str, str]] = Counter()
        """How often (method, target) reached the network."""
        self.harmed: Counter[tuple[str, str]] = Counter()
        """How often (method, target) met the mode."""
        self._upstream = upstream.rstrip("/")
        self._hold_seconds = hold_seconds
        self._slow_seconds = slow_seconds
        self._retry_after_seconds = retry_after_seconds
        self._port: int | None = None
        self._session: aiohttp.ClientSession | None = None
        self._closing = asyncio.Event()
        self._stack = AsyncExitStack()
        self.arm(mode, only=only, times=times)

    def arm(
        self,
        mode: Mode,
        *,
        only: Predicate = is_write,
        times: int | None = 1,
        afterwards_lost: Predicate | None = None,
    ) -> None:
        """Change what happens to the requests that come from now on.

        After the last of `times`, requests that are `afterwards_lost` do not arrive, until it is
        armed again.
        """
        self._mode = mode
        self._only = only
        self._remaining = times
        self._afterwards_lost = afterwards_lost

    @property
    def url(self) -> str:
        if self._port is None:
            raise RuntimeError("enter the proxy's context before asking for its address")
        return f"http://127.0.0.1:{self._port}"

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            self._session = await stack.enter_async_context(
                aiohttp.ClientSession(
                    auto_decompress=False,
                    cookie_jar=aiohttp.DummyCookieJar(),
                    skip_auto_headers=SET_BY_THE_CLIENT_LIBRARY,
                    timeout=aiohttp.ClientTimeout(total=UPSTREAM_SECONDS),
                )
            )
            application = web.Application(client_max_size=LARGEST_BODY_BYTES)
            application.router.add_route("*", "/{path:.*}", self._handle)
            runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            self._port = runner.addresses[0][1]
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.set()
        await self._stack.aclose()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        key = (request.method, request.raw_path)
        mode = self._take_mode(*key)
        body = await request.read()
        match mode:
            case Mode.DROP_BEFORE_FORWARD:
                return _drop(request)
            case Mode.TOO_MANY_REQUESTS:
                wait = str(self._retry_after_seconds)
                return web.Response(status=429, headers={"Retry-After": wait})
            case Mode.ERROR_500:
                return web.Response(status=500, text="The proxy did not ask the network.")
            case _:
                pass
        try:
            answer = await self._forward(request, body)
        except (aiohttp.ClientError, TimeoutError) as error:
            return web.Response(status=502, text=f"The proxy cannot reach the network: {error!r}")
        return await self._return(request, mode, answer)

    def _take_mode(self, method: str, target: str) -> Mode:
        if self._mode is Mode.PASS or self._remaining == 0 or not self._only(method, target):
            return Mode.PASS
        mode = self._mode
        if self._remaining is not None:
            self._remaining -= 1
            if not self._remaining and self._afterwards_lost is not None:
                self.arm(Mode.DROP_BEFORE_FORWARD, only=self._afterwards_lost, times=None)
        self.harmed[method, target] += 1
        return mode

    async def _forward(self, request: web.Request, body: bytes) -> Answer:
        assert self._session is not None
        self.forwarded[request.method, request.raw_path] += 1
        async with self._session.request(
            request.method,
            URL(self._upstream + request.raw_path, encoded=True),
            headers=_without(request.headers, NOT_FORWARDED),
            data=body if request.body_exists else None,
            allow_redirects=False,
        ) as response:
            headers = _without(response.headers, NOT_RETURNED)
            return Answer(response.status, response.reason, headers, await response.read())

    async def _return(self, request: web.Request, mode: Mode, answer: Answer) -> web.StreamResponse:
        match mode:
            case Mode.DROP_AFTER_FORWARD:
                return _drop(request)
            case Mode.ERROR_500_AFTER_FORWARD:
                return web.Response(status=500, text="The proxy lost the network's answer.")
            case Mode.CLOSE_AFTER_HEADERS:
                return await _close_after_headers(request, answer)
            case Mode.DELAY_BEYOND_TIMEOUT:
                await self._hold(self._hold_seconds)
            case Mode.SLOW:
                await self._hold(self._slow_seconds)
            case _:
                pass
        return web.Response(
            status=answer.status, reason=answer.reason, headers=answer.headers, body=answer.body
        )

    async def _hold(self, seconds: float) -> None:
        """Until the time is over or the test ends, whichever is first."""
        try:
            await asyncio.wait_for(self._closing.wait(), seconds)
        except TimeoutError:
            return


def _without(headers: CIMultiDictProxy[str], left_out: frozenset[str]) -> CIMultiDict[str]:
    kept = ((name, value) for name, value in headers.items() if name.lower() not in left_out)
    return CIMultiDict(kept)


def _drop(request: web.Request) -> web.Response:
    """Reset the connection; the response returned here has nowhere to go."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _close_after_headers(request: web.Request, answer: Answer) -> web.StreamResponse:
    """Promise a body and close before its first byte."""
    cut = web.StreamResponse(status=answer.status, reason=answer.reason, headers=answer.headers)
    cut.content_length = max(1, len(answer.body))
    await cut.prepare(request)
    if request.transport is not None:
        request.transport.close()
    return cut
