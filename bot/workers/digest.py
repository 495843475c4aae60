"""Tells a member what waits for them, in a direct message of the first chat that takes it.

Sent as cards are posted (`bot/workers/card.py`): noted, then one request, then its outcome. What
died in between is looked for by its key, and sent again once it is proved absent; where a chat
cannot be read back, once more and marked.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from bot.cards.digest_view import MOST_SHOWN, DigestFacts, digest_card
from bot.cards.pages import QueueFilter, QueueQuery, ReportQuery
from bot.cards.posting import Posting
from bot.errors import (
    AuthenticationFailed,
    CannotTell,
    ConnectorError,
    PermissionMissing,
    RateLimited,
    Rejected,
    TargetGone,
    Unavailable,
)
from bot.logs import get_logger
from bot.model.channel import Place
from bot.model.due import DueRow
from bot.model.ids import MINUTE, SECOND, MessageId, Moment, Monotonic, PostKey
from bot.model.member import ChatIdentity
from bot.model.network import ReadBack
from bot.ports import ChatFrontend, Clock, ReachesPeople
from bot.services.deciding import DeskRules
from bot.services.lines import Lines
from bot.services.member_pace import Told, Way, not_sent, on_its_way, told_now, turn_over, way_of
from bot.services.publishing import put_off
from bot.services.reading import Reading
from bot.store.store import Store

BEGIN_WITHIN = 4.0
ANSWER_WITHIN = 10.0
"""Seconds."""


class DigestTask:
    def __init__(
        self,
        store: Store,
        clock: Clock,
        lines: Lines,
        rules: DeskRules,
        frontends: Mapping[str, ChatFrontend],
    ) -> None:
        self._store = store
        self._clock = clock
        self._reading = Reading(store, clock, lines, rules, "", lambda: ())
        self._frontends = frontends
        self._log = get_logger("digest")

    async def __call__(self, row: DueRow) -> None:
        told = await self._store.read(lambda tx: told_now(tx, row))
        facts = None if told is None else await self._facts(told)
        if told is None or facts is None or not facts.total:
            await self._store.write(turn_over, row)
            return
        letter = _Letter(row, told, facts)
        way = way_of(row)
        if way is None:
            await self._send(letter, told.identities)
        else:
            await self._find(letter, way)

    async def _facts(self, told: Told) -> DigestFacts:
        """As they see the desk themselves."""
        reader = told.identities[0]
        mine = await self._reading.view(QueueQuery(QueueFilter.MINE, MOST_SHOWN), reader)
        report = await self._reading.view(ReportQuery(), reader)
        return DigestFacts(
            told.member.id,
            mine.cards,
            mine.total,
            mine.counts[QueueFilter.OPEN],
            None if report.report is None else report.report.now,
            mine.speech,
        )

    # Sending

    async def _send(self, letter: _Letter, identities: Sequence[ChatIdentity]) -> None:
        """In the first chat that takes it."""
        for identity in identities:
            frontend = self._reaching(identity)
            if frontend is None:
                continue
            try:
                async with asyncio.timeout(ANSWER_WITHIN):
                    place = letter.place(await frontend.direct(identity.user))
            except (AuthenticationFailed, PermissionMissing, Rejected, TargetGone) as error:
                self._log.info("no_digest", chat=identity.chat, says=str(error))
                continue
            except (ConnectorError, TimeoutError):
                await self._store.write(not_sent, (letter.row, MINUTE))
                return
            if await self._posted(letter, identity, place, is_repeat=False):
                return
        await self._store.write(turn_over, letter.row)

    async def _posted(
        self, letter: _Letter, identity: ChatIdentity, place: Place, *, is_repeat: bool
    ) -> bool:
        """The one request that makes it appear. False where this chat takes none for certain."""
        frontend = self._frontends[identity.chat]
        began, now = self._clock.monotonic(), self._clock.now()
        until = Moment(now + int((BEGIN_WITHIN + ANSWER_WITHIN) * SECOND))
        way = Way(PostKey(secrets.token_hex(16)), identity, now, until, is_repeat)
        if not await self._store.write(on_its_way, (letter.row, way)):
            return True
        posting = Posting(way.key, place, digest_card(letter.facts), is_repeat)
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                await frontend.post(posting, Monotonic(began + BEGIN_WITHIN))
        except (AuthenticationFailed, PermissionMissing, Rejected, TargetGone) as error:
            self._log.info("no_digest", chat=identity.chat, says=str(error))
            return False
        except (RateLimited, Unavailable):
            await self._store.write(not_sent, (letter.row, MINUTE))
        except (ConnectorError, TimeoutError):  # it may stand there
            await self._store.write(put_off, (letter.row, SECOND))
        else:
            await asyncio.shield(self._store.write(turn_over, letter.row))
        return True

    # Looking for one that may stand there

    async def _find(self, letter: _Letter, way: Way) -> None:
        frontend = self._reaching(way.identity)
        if frontend is None:
            await self._store.write(turn_over, letter.row)
            return
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                place = letter.place(await frontend.direct(way.identity.user))
                found = await _looked_for(frontend, way, place)
        except (ConnectorError, TimeoutError):
            await self._store.write(put_off, (letter.row, MINUTE))
            return
        settles = int(frontend.abilities.settle_seconds * SECOND)
        left = way.until + settles - self._clock.now()
        if isinstance(found, CannotTell):
            await self._repeat(letter, way, place)
        elif found is not None:
            await self._store.write(turn_over, letter.row)
        elif left > 0:  # it may arrive yet
            await self._store.write(put_off, (letter.row, left + SECOND // 20))
        else:
            await self._store.write(not_sent, (letter.row, 0))

    async def _repeat(self, letter: _Letter, way: Way, place: Place) -> None:
        """Nothing proves that it is not there: once it cannot arrive, it is sent marked, once."""
        left = way.until - self._clock.now()
        if left > 0:
            await self._store.write(put_off, (letter.row, left + SECOND // 20))
        elif way.is_repeat or not await self._posted(letter, way.identity, place, is_repeat=True):
            await self._store.write(turn_over, letter.row)

    def _reaching(self, identity: ChatIdentity) -> _Reaching | None:
        frontend = self._frontends.get(identity.chat)
        return frontend if isinstance(frontend, _Reaching) else None


@runtime_checkable
class _Reaching(ChatFrontend, ReachesPeople, Protocol):
    """A chat in which somebody can be written to alone."""


@dataclass(frozen=True, slots=True)
class _Letter:
    """What is told to whom, and the row that says so."""

    row: DueRow
    told: Told
    facts: DigestFacts

    def place(self, channel: str) -> Place:
        tongue, pace = self.told.member.tongue, self.told.member.pace
        return Place(channel, "", tongue.language, tongue.zone or pace.zone)


async def _looked_for(
    frontend: ChatFrontend, way: Way, place: Place
) -> MessageId | CannotTell | None:
    if frontend.abilities.read_back is ReadBack.NONE:
        return CannotTell("This chat cannot be read back.")
    try:
        return await frontend.find(way.key, place, way.since)
    except CannotTell as error:
        return error
