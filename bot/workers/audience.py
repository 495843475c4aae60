"""Asks a chat who reads one of its channels, so that nobody else sees what stands there."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from bot.errors import (
    AuthenticationFailed,
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    Unavailable,
)
from bot.model.audience import NOBODY_KNOWN
from bot.model.due import DueRow
from bot.model.ids import MINUTE
from bot.ports import ChatFrontend, Clock, TellsAudience
from bot.services.audiences import Asked, Learned, asked, learn
from bot.services.publishing import put_off
from bot.store.store import Store

ANSWER_SECONDS = 20.0
AWAY = MINUTE
"""How soon a chat is asked again that did not answer; what it told before is kept until then."""


class AudienceTask:
    def __init__(self, store: Store, clock: Clock, frontends: Mapping[str, ChatFrontend]) -> None:
        self._store = store
        self._clock = clock
        self._frontends = frontends

    async def __call__(self, row: DueRow) -> None:
        chat, channel = str(row.arg["chat"]), str(row.arg["channel"])
        wanted = await self._store.read(lambda tx: asked(tx, chat, channel))
        if wanted is None:
            await self._store.write(learn, Learned(row, NOBODY_KNOWN, goes_on=False))
            return
        frontend: object = self._frontends.get(chat)
        if not isinstance(frontend, TellsAudience):
            await self._store.write(put_off, (row, AWAY))
            return
        await self._ask(row, wanted, frontend)

    async def _ask(self, row: DueRow, wanted: Asked, frontend: TellsAudience) -> None:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                told = await frontend.audience(wanted.place, wanted.people)
        except RateLimited as error:
            wait = AWAY if error.until is None else max(0, error.until - self._clock.now())
            await self._store.write(put_off, (row, wait))
        except (Unavailable, OutcomeUnknown, AuthenticationFailed, TimeoutError):
            await self._store.write(put_off, (row, AWAY))
        except ConnectorError:
            # it will not tell: whoever is in there is not known any more
            await self._store.write(learn, Learned(row, NOBODY_KNOWN))
        else:
            await self._store.write(learn, Learned(row, told))
