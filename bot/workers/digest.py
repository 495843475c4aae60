"""Tells a member what waits for them, in a direct message of the first chat that takes it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping

from bot.cards.digest_view import MOST_SHOWN, DigestFacts, digest_card
from bot.cards.pages import QueueFilter, QueueQuery, ReportQuery
from bot.cards.posting import Posting
from bot.errors import (
    AuthenticationFailed,
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
from bot.model.ids import MINUTE, Monotonic, PostKey
from bot.ports import ChatFrontend, Clock, ReachesPeople
from bot.services.deciding import DeskRules
from bot.services.lines import Lines
from bot.services.member_pace import Told, again, turn_over
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
        told = await self._store.write(turn_over, row)
        if told is None:
            return
        facts = await self._facts(told)
        if facts.total:
            await self._tell(told, facts)

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

    async def _tell(self, told: Told, facts: DigestFacts) -> None:
        for identity in told.identities:
            frontend = self._frontends.get(identity.chat)
            if frontend is None or not isinstance(frontend, ReachesPeople):
                continue
            try:
                async with asyncio.timeout(ANSWER_WITHIN):
                    channel = await frontend.direct(identity.user)
                    await self._post(frontend, channel, told, facts)
                return
            except (RateLimited, Unavailable):
                await self._store.write(again, (told.member.id, MINUTE))
                return
            except (AuthenticationFailed, PermissionMissing, Rejected, TargetGone) as error:
                self._log.info("no_digest", chat=identity.chat, says=str(error))
            except (ConnectorError, TimeoutError):
                return  # it may stand there

    async def _post(
        self,
        frontend: ChatFrontend,
        channel: str,
        told: Told,
        facts: DigestFacts,
    ) -> None:
        deadline = Monotonic(self._clock.monotonic() + BEGIN_WITHIN)
        tongue, pace = told.member.tongue, told.member.pace
        place = Place(channel, "", tongue.language, tongue.zone or pace.zone)
        key = PostKey(secrets.token_hex(16))
        await frontend.post(Posting(key, place, digest_card(facts)), deadline)
