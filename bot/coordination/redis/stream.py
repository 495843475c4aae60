"""The committed events once more, as a Redis stream, for programs that are not the desk.

The entry of event 42 has the id `42-0`, so the stream's own end says how far it has come: there is
no cursor that could be lost or run ahead, and an event that is written twice, by two processes or
after an answer that was lost, stands there once. The stream is a copy: it is cut off at `keeps`
entries, and after a flush it is filled again from the table. Consumer groups are Redis's own
(https://redis.io/docs/latest/develop/data-types/streams/).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial

from redis.asyncio import Redis

from bot.coordination.redis.line import RedisLine
from bot.coordination.redis.scripts import APPEND, Script
from bot.model.event import Event
from bot.model.ids import EventId

STREAM = "replydesk:events"
KEEPS = 100_000

_APPEND = Script(APPEND)


class RedisStream:
    """Implements `bot.ports.EventStream`."""

    def __init__(self, line: RedisLine, keeps: int = KEEPS) -> None:
        self._line = line
        self._keeps = keeps

    @property
    def keeps(self) -> int:
        return self._keeps

    async def append(self, events: Sequence[Event], after: EventId) -> EventId:
        return await self._line.ask(partial(self._append, events, after))

    async def begin_anew(self) -> None:
        await self._line.ask(lambda client: client.delete(STREAM))

    async def _append(self, events: Sequence[Event], after: EventId, client: Redis) -> EventId:
        words: list[object] = [after, self._keeps]
        for event in events:
            words += _words(event)
        return EventId(int(await _APPEND.run(client, [STREAM], words)))


def _words(event: Event) -> tuple[object, ...]:
    """In the order of the fields that the script names."""
    return (
        event.id,
        event.at,
        event.kind.value,
        event.brand_id,
        event.subject.value,
        event.subject_id,
        "" if event.member_id is None else event.member_id,
        json.dumps(dict(event.facts), ensure_ascii=False),
    )
