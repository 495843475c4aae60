"""One HTTP exchange with a network, and the only judgement about what a broken one means.

A request whose body was not begun has made nothing happen: `Unavailable`. Once the first byte
of the body may have left, a reading request is still harmless to repeat (`Unavailable`), while
a writing request has an unknown outcome (`OutcomeUnknown`). What a *complete* answer means is
for each connector to say: HTTP status is not the class.

The body is a payload of our own so that the deadline is compared at the last possible moment,
just before the first byte is written, and so that we know whether it ever was.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp.abc import AbstractStreamWriter
from aiohttp.payload import BytesPayload
from yarl import URL

from bot.errors import OutcomeUnknown, Unavailable, UnexpectedResponse
from bot.model.ids import Monotonic
from bot.ports import Clock

MAX_ANSWER = 5 * 1024 * 1024
"""Bytes of an answer that are read unless a connector says more; a longer one is refused."""

Params = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete HTTP answer. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The body as JSON; UnexpectedResponse when it is none."""
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise UnexpectedResponse(
                f"The network answered {self.status} with something that is not JSON.",
                payload=self.excerpt(),
            ) from error

    def excerpt(self) -> str:
        return self.body[:500].decode("utf-8", "replace")


class _TimedBody(BytesPayload):
    """Bytes that refuse to start after the deadline and remember whether they started."""

    def __init__(
        self, value: bytes, content_type: str, clock: Clock, deadline: Monotonic | None
    ) -> None:
        super().__init__(value, content_type=content_type)
        self._clock = clock
        self._deadline = deadline
        self.started = False

    async def write_with_length(
        self, writer: AbstractStreamWriter, content_length: int | None
    ) -> None:
        if self._deadline is not None and self._clock.monotonic() >= self._deadline:
            raise TimeoutError("past the deadline")
        self.started = True
        await super().write_with_length(writer, content_length)


class Wire:
    """Calls one base URL. `writes=True` marks a request that can make something visible."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        clock: Clock,
        base_url: str,
        *,
        title: str,
        timeout: float = 15.0,
        largest_answer: int = MAX_ANSWER,
    ) -> None:
        self._http = http
        self._clock = clock
        self._base = base_url.rstrip("/")
        self._title = title
        self._timeout = timeout
        self._largest_answer = largest_answer

    async def call(
        self,
        method: str,
        path: str,
        *,
        params: Params = (),
        headers: Mapping[str, str] | None = None,
        json_body: Any = None,
        raw: bytes | None = None,
        content_type: str = "application/json",
        writes: bool = False,
        deadline: Monotonic | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> Answer:
        """One exchange; `path` is appended to the base URL (or is a whole URL of its own).

        Raises Unavailable, OutcomeUnknown (writes only) and UnexpectedResponse (answer too big).
        """
        url = URL(path if "://" in path else self._base + path)
        body = self._body(json_body, raw, content_type, deadline)
        total = timeout or self._timeout
        if deadline is not None and not writes:
            total = min(total, max(0.1, deadline - self._clock.monotonic()))
        try:
            async with self._http.request(
                method,
                url,
                params=list(params) or None,
                headers=headers,
                data=body,
                allow_redirects=not writes,
                timeout=aiohttp.ClientTimeout(total=total, sock_connect=min(5.0, total)),
            ) as response:
                return Answer(
                    status=response.status,
                    headers={name.lower(): value for name, value in response.headers.items()},
                    body=await self._read(response),
                )
        except (aiohttp.ClientError, OSError) as error:
            if writes and (body is None or body.started):
                raise OutcomeUnknown(
                    f"{self._title} may have received this, but its answer was lost."
                ) from error
            raise Unavailable(
                f"{self._title} could not be reached ({type(error).__name__}); "
                "nothing was changed there."
            ) from error

    def _body(
        self, json_body: Any, raw: bytes | None, content_type: str, deadline: Monotonic | None
    ) -> _TimedBody | None:
        if json_body is not None:
            raw = json.dumps(json_body, ensure_ascii=False, separators=(",", ":")).encode()
        if raw is None:
            return None
        return _TimedBody(raw, content_type, self._clock, deadline)

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        most = self._largest_answer
        body = await response.content.read(most + 1)
        while len(body) <= most and not response.content.at_eof():
            body += await response.content.read(most + 1 - len(body))
        if len(body) > most:
            raise UnexpectedResponse(f"{self._title} answered with more than {most} bytes.")
        return body
