"""Cards to a tool of the team's own, over plain HTTP.

POST <url>                {"key", "channel", "topic", "repeat", "card"}  -> 2xx {"message": "..."}
PUT  <url>/<message>      {"channel", "topic", "card"}                   -> 2xx; 404 or 410: gone
GET  <url>?key=...        only with `read_back`     -> 200 {"message": "..."}, or 404: not there

The tool may drop a second POST with a key that it knows and answer with the first message. Every
request is signed (`handlers.relay.signing`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import aiohttp
from aiohttp.abc import AbstractStreamWriter
from aiohttp.payload import BytesPayload
from pydantic_core import to_json
from yarl import URL

from bot.cards.card import Card
from bot.cards.posting import Posting
from bot.errors import (
    AuthenticationFailed,
    CannotTell,
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    TargetGone,
    Unavailable,
    UnexpectedResponse,
)
from bot.model.channel import ChatAbilities, ChatRate, Place
from bot.model.ids import SECOND, MessageId, Moment, Monotonic, PostKey
from bot.model.network import ReadBack
from bot.ports import Clock
from handlers.relay.form import card_form
from handlers.relay.signing import signed

MAX_ANSWER = 64 * 1024
LONGEST_MESSAGE = 200


@dataclass(frozen=True, slots=True)
class RelayOptions:
    """`posts_per_minute` 0 is no limit; `settle_seconds`: until a posting can be read back."""

    url: str
    secret: str
    read_back: bool = True
    settle_seconds: float = 0.0
    posts_per_minute: int = 0
    timeout_seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    retry_after: str
    body: bytes

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300


class RelayFrontend:
    """Implements `bot.ports.ChatFrontend`."""

    def __init__(self, http: aiohttp.ClientSession, clock: Clock, options: RelayOptions) -> None:
        self._http = http
        self._clock = clock
        self._options = options

    @property
    def abilities(self) -> ChatAbilities:
        per_minute = self._options.posts_per_minute
        rate = ChatRate(per_minute, max(1, per_minute // 10)) if per_minute else None
        return ChatAbilities(
            title="Relay",
            read_back=ReadBack.SETTLES if self._options.read_back else ReadBack.NONE,
            settle_seconds=self._options.settle_seconds,
            posts=rate,
            edits=rate,
        )

    async def post(self, posting: Posting, deadline: Monotonic) -> MessageId:
        form = {
            "key": posting.key,
            **_place(posting.place),
            "repeat": posting.is_repeat,
            "card": card_form(posting.card),
        }
        answer = await self._write("POST", "", form, deadline)
        return _message(answer)

    async def redraw(self, place: Place, message: MessageId, card: Card) -> None:
        form = {**_place(place), "card": card_form(card)}
        await self._write("PUT", f"/{quote(message, safe='')}", form, None)

    async def find(self, key: PostKey, place: Place, since: Moment) -> MessageId | None:
        if not self._options.read_back:
            raise CannotTell("The relay's tool cannot be asked what it shows.")
        try:
            answer = await self._exchange("GET", f"?key={key}", None)
        except (aiohttp.ClientError, OSError) as error:
            raise Unavailable("The relay's tool could not be asked.") from error
        if answer.status == 404:
            return None
        if not answer.ok:
            raise Unavailable(f"The relay's tool answered {answer.status} when it was asked.")
        return _message(answer)

    async def _write(
        self, method: str, path: str, form: dict[str, Any], deadline: Monotonic | None
    ) -> _Answer:
        raw = to_json(form)
        body = _TimedBody(raw, self._clock, deadline)
        try:
            answer = await self._exchange(method, path, body)
        except (aiohttp.ClientError, OSError) as error:
            if body.started:
                raise OutcomeUnknown("The relay's tool did not answer.") from error
            raise Unavailable("The relay's tool could not be reached.") from error
        if not answer.ok:
            raise self._refusal(answer)
        return answer

    def _refusal(self, answer: _Answer) -> ConnectorError:
        says = f"The relay's tool answered {answer.status}."
        match answer.status:
            case 401 | 403:
                return AuthenticationFailed(f"{says} Check the secret on both sides.")
            case 404 | 410:
                return TargetGone(says)
            case 429:
                return RateLimited(says, until=self._until(answer.retry_after))
            case status if 400 <= status < 500:
                return Rejected(says)
            case _:
                return OutcomeUnknown(says)

    def _until(self, retry_after: str) -> int | None:
        if not retry_after.isascii() or not retry_after.isdecimal():
            return None
        return self._clock.now() + min(int(retry_after), 3600) * SECOND

    async def _exchange(self, method: str, path: str, body: _TimedBody | None) -> _Answer:
        url = URL(self._options.url + path, encoded=True)
        raw = b"" if body is None else body.raw
        headers = signed(self._options.secret, method, url.raw_path_qs, raw, self._clock.now())
        async with self._http.request(
            method,
            url,
            data=body,
            headers=headers,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=self._options.timeout_seconds, sock_connect=5),
        ) as response:
            read = await response.content.read(MAX_ANSWER)
            return _Answer(response.status, response.headers.get("Retry-After", ""), read)


class _TimedBody(BytesPayload):
    """Bytes that refuse to start after the deadline and remember whether they started."""

    def __init__(self, raw: bytes, clock: Clock, deadline: Monotonic | None) -> None:
        super().__init__(raw, content_type="application/json")
        self.raw = raw
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


def _place(place: Place) -> dict[str, str]:
    return {"channel": place.channel, "topic": place.topic}


def _message(answer: _Answer) -> MessageId:
    try:
        message = json.loads(answer.body)["message"]
    except (ValueError, TypeError, KeyError) as error:
        raise UnexpectedResponse(
            "The relay's tool answered without naming the message.",
            payload=answer.body[:500].decode("utf-8", "replace"),
        ) from error
    if not isinstance(message, str) or not 0 < len(message) <= LONGEST_MESSAGE:
        raise UnexpectedResponse("The relay's tool named its message strangely.")
    return MessageId(message)
