"""The sandbox API's gate: bearer token, traffic count and faults, before and after a handler."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from integrations.sandbox.faults import Faults, Shot

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class ApiRefusal(Exception):
    """An error answer of the API: `{"error": {"code", "message", ...}}`."""

    def __init__(self, status: int, code: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"code": code, "message": message, **more}}
        self.headers: dict[str, str] = {}


_REFUSALS: dict[Shot, tuple[int, str, str]] = {
    Shot.UNAUTHORIZED: (401, "invalid_token", "The access token is not valid any more."),
    Shot.REJECTED: (422, "rejected", "This text breaks the community rules."),
    Shot.GONE: (410, "gone", "This has been deleted."),
    Shot.SERVER_ERROR: (500, "internal", "Something went wrong."),
}


class Gate:
    """aiohttp middleware of the API application; `stop` ends every delay."""

    def __init__(
        self, faults: Faults, token: str, now: Callable[[], int], stop: asyncio.Event
    ) -> None:
        self._faults = faults
        self._token = token
        self._now = now
        self._stop = stop

    def middleware(self) -> Any:
        """The middleware; aiohttp wants a marked function."""

        @web.middleware
        async def gate(request: web.Request, handler: Handler) -> web.StreamResponse:
            try:
                return await self._pass(request, handler)
            except ApiRefusal as refusal:
                return web.json_response(
                    refusal.body, status=refusal.status, headers=refusal.headers
                )

        return gate

    async def _pass(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        faults = self._faults
        is_write = is_visible_write(request)
        faults.traffic.requests += 1
        faults.traffic.writes += is_write
        await self._delay(faults.slow_ms)
        if faults.is_out:
            raise ApiRefusal(503, "outage", "The sandbox is down; nothing was done.")
        self._check_token(request)
        self._check_rate()
        shot = None if request.path.endswith("/me") else faults.take(is_write=is_write)
        if shot is None:
            return await handler(request)
        return await self._struck(shot, request, handler)

    async def _struck(self, shot: Shot, request: web.Request, handler: Handler) -> web.Response:
        if shot in _REFUSALS:
            raise ApiRefusal(*_REFUSALS[shot])
        if shot is Shot.FORBIDDEN:
            raise _forbidden()
        if shot is Shot.RATE_LIMITED:
            raise _too_many(self._faults.retry_after)
        if shot is Shot.GARBAGE:
            return web.Response(text="<html><title>Welcome to the hotel Wi-Fi</title></html>")
        if shot is Shot.LOSE_REQUEST:
            return _hang_up(request)
        answer = await handler(request)
        if shot is Shot.SERVER_ERROR_AFTER_ACTING:
            raise ApiRefusal(500, "internal", "Something went wrong.")
        if shot is Shot.SLOW_ANSWER:
            await self._delay(self._faults.slow_answer_ms)
            assert isinstance(answer, web.Response)
            return answer
        return _hang_up(request)

    def _check_token(self, request: web.Request) -> None:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode("utf-8", "replace"), self._token.encode()):
            raise ApiRefusal(401, "invalid_token", "The access token is not known.")
        if self._faults.is_token_dead:
            raise ApiRefusal(401, "token_expired", "The access token has expired.")

    def _check_rate(self) -> None:
        left = self._faults.rate_limited_until - self._now()
        if left > 0:
            raise _too_many(-(-left // 1000))

    async def _delay(self, milliseconds: int) -> None:
        if not milliseconds:
            return
        try:
            await asyncio.wait_for(self._stop.wait(), milliseconds / 1000)
        except TimeoutError:
            return


def is_visible_write(request: web.Request) -> bool:
    """Whether the request could make something of the brand's visible."""
    last = request.path.rsplit("/", 1)[-1]
    return request.method == "POST" and last in {"replies", "posts"}


def _forbidden() -> ApiRefusal:
    return ApiRefusal(403, "missing_scope", "The token may not do this.", scope="comments:write")


def _too_many(seconds: int) -> ApiRefusal:
    refusal = ApiRefusal(429, "rate_limited", "Too many requests.")
    refusal.headers["Retry-After"] = str(seconds)
    return refusal


def _hang_up(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
