"""One WordPress site over its REST API, as one of its users."""

from __future__ import annotations

import base64
from typing import Any

import aiohttp

from bot.model.ids import Monotonic
from bot.ports import Clock
from integrations.wire import Answer, Params, Wire
from integrations.wordpress.errors import check


class WordPressSite:
    """Speaks the `?rest_route=` form, which works whatever the site's permalinks are.

    Every method returns only successes; the errors are those of `errors.check` and of the wire.
    """

    def __init__(
        self,
        http: aiohttp.ClientSession,
        clock: Clock,
        url: str,
        *,
        user: str,
        password: str,
        timeout: float,
    ) -> None:
        self._wire = Wire(http, clock, url, title="WordPress", timeout=timeout)
        self._clock = clock
        token = base64.b64encode(f"{user}:{password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {token}", "Accept": "application/json"}

    async def read(
        self, route: str, params: Params = (), *, deadline: Monotonic | None = None
    ) -> Any:
        answer = await self._wire.call(
            "GET",
            "/",
            params=[("rest_route", route), *params],
            headers=self._headers,
            deadline=deadline,
        )
        return check(answer, writes=False, now=self._clock.now()).json()

    async def create(self, route: str, body: Any, *, deadline: Monotonic) -> Any:
        """The one request that makes something visible."""
        answer = await self._wire.call(
            "POST",
            "/",
            params=[("rest_route", route)],
            headers=self._headers,
            json_body=body,
            writes=True,
            deadline=deadline,
        )
        return check(answer, writes=True, now=self._clock.now()).json()

    async def change(self, method: str, route: str, body: Any = None) -> Answer:
        """An act that can be repeated without harm, so a lost answer is only `Unavailable`."""
        answer = await self._wire.call(
            method,
            "/",
            params=[("rest_route", route)],
            headers=self._headers,
            json_body=body,
        )
        return check(answer, writes=False, now=self._clock.now())

    async def upload(self, params: Params, data: bytes, content_type: str, name: str) -> Any:
        answer = await self._wire.call(
            "POST",
            "/",
            params=[("rest_route", "/wp/v2/media"), *params],
            headers={**self._headers, "Content-Disposition": f'attachment; filename="{name}"'},
            raw=data,
            content_type=content_type,
            timeout=60.0,
        )
        return check(answer, writes=False, now=self._clock.now()).json()
