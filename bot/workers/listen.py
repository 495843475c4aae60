"""Listening to a chat: the row's lease is the election of the one process that holds the line.

What comes in is no work of this row: the front end hands every press to the desk, which commits
it. Losing the lease cancels the task, and with it the connection.
"""

from __future__ import annotations

import random
from collections.abc import Mapping

from bot.errors import AuthenticationFailed, ConnectorError, PermissionMissing, RateLimited
from bot.model.due import DueRow
from bot.model.ids import MINUTE, SECOND
from bot.ports import Clock, Listens
from bot.services.listening import Deaf, connected, deaf
from bot.services.publishing import backoff, put_off
from bot.store.store import Store

UNKNOWN_WAITS = 2 * SECOND
"""For a chat that is not plugged in here, in milliseconds: it was connected in the console a moment
ago, or another process will have it."""


class ListenTask:
    def __init__(self, store: Store, clock: Clock, listeners: Mapping[str, Listens]) -> None:
        self._store = store
        self._clock = clock
        self._listeners = listeners

    async def __call__(self, row: DueRow) -> None:
        listener = self._listeners.get(row.arg["chat"])
        if listener is None:
            await self._store.write(put_off, (row, UNKNOWN_WAITS))
            return

        async def stands() -> None:
            await self._store.write(connected, row)

        try:
            await listener.listen(stands)
        except ConnectorError as error:
            await self._store.write(deaf, Deaf(row, self._wait(row, error), str(error)))
            return
        await self._store.write(put_off, (row, SECOND))

    def _wait(self, row: DueRow, error: ConnectorError) -> int:
        match error:
            case RateLimited(until=int(until)):
                return max(SECOND, until - self._clock.now())
            case AuthenticationFailed() | PermissionMissing():
                # a person must mend it; until then asking more often only makes noise
                return MINUTE
            case _:
                return backoff(row.attempt, random.random())
