"""Calls of the account's data server, with a session that is renewed when it is over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from bot.errors import Unavailable, UnexpectedResponse
from bot.model.ids import Monotonic
from bot.ports import Clock
from integrations.bluesky.errors import is_stale, reading_error, writing_error
from integrations.bluesky.lexicon import BlobAnswer, Foreign, WriteAnswer
from integrations.bluesky.session import Session, Sessions
from integrations.wire import Answer, Params, Wire

F = TypeVar("F", bound=Foreign)


class Xrpc:
    """Four ways to call, told apart by what a lost answer or a repeat would mean."""

    def __init__(self, wire: Wire, sessions: Sessions, clock: Clock) -> None:
        self._wire = wire
        self._sessions = sessions
        self._clock = clock

    async def session(self) -> Session:
        return await self._sessions.current()

    async def query(self, nsid: str, params: Params, shape: type[F]) -> F:
        """Read. A session that is over is renewed and the question asked again."""
        session = await self._sessions.current()
        answer = await self._ask(session, nsid, params)
        if is_stale(answer):
            answer = await self._ask(await self._sessions.renew(session), nsid, params)
        if not answer.ok:
            raise reading_error(answer, self._clock.now())
        return _shaped(answer, shape)

    async def upload(self, data: bytes, content_type: str) -> BlobAnswer:
        """`uploadBlob`: invisible and harmless to repeat."""
        session = await self._sessions.current()
        answer = await self._send_blob(session, data, content_type)
        if is_stale(answer):
            renewed = await self._sessions.renew(session)
            answer = await self._send_blob(renewed, data, content_type)
        if not answer.ok:
            raise reading_error(answer, self._clock.now())
        return _shaped(answer, BlobAnswer)

    async def act(self, nsid: str, body: Mapping[str, Any], shape: type[F]) -> F:
        """An act that may be repeated; after a refused token it is, as nothing was done."""
        session = await self._sessions.current()
        answer = await self._write(session, nsid, body, None)
        if is_stale(answer):
            answer = await self._write(await self._sessions.renew(session), nsid, body, None)
        if not answer.ok:
            raise writing_error(answer, self._clock.now())
        return _shaped(answer, shape)

    async def write_once(
        self, session: Session, nsid: str, body: Mapping[str, Any], deadline: Monotonic
    ) -> WriteAnswer:
        """One request and no second one: Unavailable when only the session was over."""
        answer = await self._write(session, nsid, body, deadline)
        if is_stale(answer):
            await self._sessions.renew(session)
            raise Unavailable("Our Bluesky session was over and is renewed; nothing was sent.")
        if not answer.ok:
            raise writing_error(answer, self._clock.now())
        return _shaped(answer, WriteAnswer)

    async def _ask(self, session: Session, nsid: str, params: Params) -> Answer:
        return await self._wire.call(
            "GET", f"{session.pds}/xrpc/{nsid}", params=params, headers=session.bearer
        )

    async def _send_blob(self, session: Session, data: bytes, content_type: str) -> Answer:
        return await self._wire.call(
            "POST",
            f"{session.pds}/xrpc/com.atproto.repo.uploadBlob",
            headers=session.bearer,
            raw=data,
            content_type=content_type,
        )

    async def _write(
        self, session: Session, nsid: str, body: Mapping[str, Any], deadline: Monotonic | None
    ) -> Answer:
        return await self._wire.call(
            "POST",
            f"{session.pds}/xrpc/{nsid}",
            headers=session.bearer,
            json_body=dict(body),
            writes=True,
            deadline=deadline,
        )


def _shaped(answer: Answer, shape: type[F]) -> F:
    try:
        return shape.model_validate(answer.json())
    except ValidationError as error:
        raise UnexpectedResponse(
            "Bluesky answered with something that its lexicons do not describe; "
            "the piece is kept for the people who maintain the connector.",
            payload=answer.excerpt(),
        ) from error
