"""Our session: made once with the app password, kept sealed, renewed by its refresh token.

Logging in is limited to 30 in 5 minutes and 300 a day, so it happens only when no stored
session can be renewed. Access tokens live about two hours, refresh tokens about ninety days;
using a refresh token twice within its grace is harmless, so a lost answer to a refresh is too.
One renewal runs at a time, and whoever waited takes its result.
"""

from __future__ import annotations

import asyncio
import base64
import json
from dataclasses import dataclass, field

from pydantic import Field, ValidationError

from bot.errors import AuthenticationFailed, UnexpectedResponse
from bot.model.ids import MINUTE, SECOND, Moment, Monotonic
from bot.ports import Clock, SessionVault
from integrations.bluesky.endpoint import is_allowed, pds_named_by
from integrations.bluesky.errors import RENEW, STALE, reading_error, refusal_of
from integrations.bluesky.lexicon import Foreign, SessionAnswer
from integrations.bluesky.settings import BlueskySettings
from integrations.wire import Answer, Wire

RENEW_BEFORE = MINUTE
"""A token that is over within this time is renewed before it is used."""
REFUSAL_SECONDS = 60.0
"""For how long a refused app password is not tried again, whoever asks."""


@dataclass(frozen=True, slots=True)
class Session:
    """Who we are, where our data lives, and the tokens that prove it."""

    did: str
    handle: str
    pds: str
    access: str = field(repr=False)
    refresh: str = field(repr=False)

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.access}"}

    def is_over(self, now: Moment) -> bool:
        end = _expiry(self.access)
        return end is not None and end - now < RENEW_BEFORE


class StoredSession(Foreign):
    """A session as the vault keeps it, with the settings it belongs to."""

    identifier: str
    service: str
    did: str
    handle: str
    pds: str
    access: str = Field(repr=False)
    refresh: str = Field(repr=False)


class Sessions:
    """The one session of one account, shared by everything that calls the network."""

    def __init__(
        self,
        wire: Wire,
        vault: SessionVault,
        clock: Clock,
        settings: BlueskySettings,
        app_password: str,
        private_hosts: tuple[str, ...],
    ) -> None:
        self._wire = wire
        self._vault = vault
        self._clock = clock
        self._settings = settings
        self._app_password = app_password
        self._private_hosts = private_hosts
        self._lock = asyncio.Lock()
        self._session: Session | None = None
        self._refused: tuple[Monotonic, str] | None = None

    async def current(self) -> Session:
        """A session to call with; AuthenticationFailed when none can be had."""
        async with self._lock:
            session = self._session or await self._restored() or await self._created()
            if session.is_over(self._clock.now()):
                session = await self._renewed(session)
            self._session = session
            return session

    async def renew(self, stale: Session) -> Session:
        """Another session than `stale`, whose access token the network refused."""
        async with self._lock:
            if self._session is None or self._session.access == stale.access:
                self._session = await self._renewed(stale)
            return self._session

    async def _renewed(self, stale: Session) -> Session:
        stored = await self._restored()
        if stored and stored.access != stale.access and not stored.is_over(self._clock.now()):
            return stored
        refresh = stored.refresh if stored else stale.refresh
        # where one signed in, not the data server: an entryway signs the tokens of its own
        answer = await self._wire.call(
            "POST",
            "/xrpc/com.atproto.server.refreshSession",
            headers={"Authorization": f"Bearer {refresh}"},
        )
        if answer.ok:
            return await self._kept(answer, stale.pds)
        if refusal_of(answer).name in STALE or answer.status == 401:
            return await self._created()
        raise reading_error(answer, self._clock.now())

    async def _created(self) -> Session:
        now = self._clock.monotonic()
        if self._refused is not None and now - self._refused[0] < REFUSAL_SECONDS:
            raise AuthenticationFailed(self._refused[1])
        answer = await self._wire.call(
            "POST",
            "/xrpc/com.atproto.server.createSession",
            json_body={"identifier": self._settings.handle, "password": self._app_password},
        )
        if answer.ok:
            return await self._kept(answer, self._settings.service)
        error = reading_error(answer, self._clock.now())
        if refusal_of(answer).name == "AuthFactorTokenRequired" or isinstance(
            error, AuthenticationFailed
        ):
            says = f"Bluesky refused the app password of @{self._settings.handle}. {RENEW}"
            self._refused = (now, says)
            raise AuthenticationFailed(says) from error
        raise error

    async def _restored(self) -> Session | None:
        kept = await self._vault.load()
        if kept is None:
            return None
        try:
            stored = StoredSession.model_validate_json(kept)
        except ValidationError:
            return None
        if (stored.identifier, stored.service) != (self._settings.handle, self._settings.service):
            return None
        return Session(
            did=stored.did,
            handle=stored.handle,
            # a data server that the operator wrote down later still wins
            pds=self._settings.pds or stored.pds,
            access=stored.access,
            refresh=stored.refresh,
        )

    async def _kept(self, answer: Answer, pds: str) -> Session:
        """The session of an answer; `pds` serves when the answer names no data server."""
        try:
            told = SessionAnswer.model_validate(answer.json())
        except ValidationError as error:
            # the payload would carry tokens: it is not kept
            raise UnexpectedResponse("Bluesky answered a log-in without a session.") from error
        session = Session(
            did=told.did,
            handle=told.handle,
            pds=await self._pds(told, pds),
            access=told.access_jwt,
            refresh=told.refresh_jwt,
        )
        await self._vault.save(
            json.dumps(
                {
                    "identifier": self._settings.handle,
                    "service": self._settings.service,
                    "did": session.did,
                    "handle": session.handle,
                    "pds": session.pds,
                    "access": session.access,
                    "refresh": session.refresh,
                }
            )
        )
        self._refused = None
        return session

    async def _pds(self, told: SessionAnswer, otherwise: str) -> str:
        if self._settings.pds:
            return self._settings.pds
        named = pds_named_by(told.did_doc)
        if named is None or named == otherwise:
            return otherwise
        return named if await is_allowed(named, self._private_hosts) else self._settings.service


def _expiry(token: str) -> Moment | None:
    """When a JWT says that it ends; None for a token that does not tell."""
    try:
        body = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        return Moment(int(claims["exp"]) * SECOND)
    except (IndexError, KeyError, TypeError, ValueError):
        return None
