"""On-call work: steps are fired, pages are sent, and where they stand it is told how it goes on.

    wanted     commit `sending`, make the one request, settle
    sending    somebody died here, or an answer was lost: once it can no longer arrive, again
    delivered  the message is redrawn, or the pager told, until it knows how the incident stands

A page waits for no limit of a chat, and never behind anything else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

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
from bot.faults import FaultPoint, reach
from bot.model.channel import Place
from bot.model.due import DueRow
from bot.model.ids import MINUTE, SECOND, MessageId, Monotonic, PageId
from bot.model.incident import IncidentState
from bot.model.oncall import OnCall
from bot.model.paging import PagerAbilities, PageState
from bot.ports import Beats, ChatFrontend, Clock, Pager, ReachesPeople, Settles
from bot.services.deciding import DeskRules
from bot.services.escalating import Escalating
from bot.services.lines import Lines
from bot.services.paging import (
    Begin,
    Delivered,
    Doubted,
    NotTaken,
    Paging,
    Pagings,
    begun,
    cancelled,
    delivered,
    doubted,
    ended,
    later,
    not_taken,
    told,
)
from bot.services.publishing import backoff
from bot.store.store import Store
from bot.store.tx import Tx
from bot.workers.loop import PAGE_LEASE

MARGIN = 500
"""Milliseconds after a try's own end within which nothing of it can arrive."""
TOLD_TRIES = 10
"""How often somebody is told of a page that is over before they are left alone."""
BY_CHAT = PagerAbilities("chat", knows_keys=False)

NO_USER = "{name} is not known in this chat."
NO_CHANNEL = "There is no such channel in use. Correct [[oncall.routes]]."
NO_ROUTE = "This route is not in the configuration any more."
SILENT = "It gave no answer in time."


class EscalateTask:
    def __init__(self, store: Store, oncall: OnCall) -> None:
        self._store = store
        self._fire = Escalating(oncall).fire

    async def __call__(self, row: DueRow) -> None:
        if await self._store.write(self._fire, row):
            reach(FaultPoint.ESCALATE_FIRED)


class BeatTask:
    """Where the desk is alive enough to do its work, it says so to an address outside."""

    def __init__(self, store: Store, beats: Beats | None) -> None:
        self._store = store
        self._beats = beats

    async def __call__(self, row: DueRow) -> None:
        if self._beats is not None:
            await self._beats.beat()
        await self._store.write(_beaten, row)


class PageTask:
    """`pagers` by the slug of their route."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        lines: Lines,
        rules: DeskRules,
        frontends: Mapping[str, ChatFrontend],
        pagers: Mapping[str, Pager],
        console_url: str = "",
    ) -> None:
        self._store = store
        self._clock = clock
        self._read = Pagings(lines, rules, console_url).read
        self._frontends = frontends
        self._pagers = pagers

    async def __call__(self, row: DueRow) -> None:
        paging = await self._store.ask(self._read, PageId(row.arg["page"]))
        match paging.page.state:
            case PageState.WANTED if paging.is_wanted:
                await self._send(row, paging)
            case PageState.WANTED:
                await self._store.write(cancelled, (row, paging.page))
            case PageState.SENDING:
                await self._doubt(row, paging)
            case PageState.DELIVERED:
                await self._tell(row, paging)
            case PageState.CANCELLED:
                await self._store.write(ended, row)

    # Sending

    async def _send(self, row: DueRow, paging: Paging) -> None:
        began = self._clock.monotonic()
        seconds = self._abilities(paging).answer_seconds
        lasts = round(seconds * SECOND) + MARGIN
        if not await self._store.write(begun, Begin(row, paging.page, PAGE_LEASE, lasts)):
            return
        reach(FaultPoint.PAGE_CLAIMED)
        page = paging.page
        tried = replace(page, tries=page.tries + 1, state=PageState.SENDING)
        paging = replace(paging, page=tried)
        answer = await self._ask(paging, Monotonic(began + seconds), seconds)
        reach(FaultPoint.PAGE_CALLED)
        # Shielded: a stop in this moment must not lose what we know.
        await asyncio.shield(self._settle(row, paging, answer))

    async def _ask(
        self, paging: Paging, deadline: Monotonic, seconds: float
    ) -> tuple[str, str] | ConnectorError | TimeoutError:
        """The one request that pages: receipt and place, or what came of it."""
        try:
            async with asyncio.timeout(seconds):
                return await self._request(paging, deadline)
        except (ConnectorError, TimeoutError) as error:
            return error

    async def _request(self, paging: Paging, deadline: Monotonic) -> tuple[str, str]:
        route = paging.route
        if route is None:
            raise Unavailable(NO_ROUTE)
        if not route.is_chat:
            pager = self._pagers.get(route.slug)
            if pager is None:
                raise Unavailable(NO_ROUTE)
            return await pager.page(paging.outgoing, deadline), ""
        frontend = self._frontends.get(paging.channel.chat if paging.channel else route.chat)
        if frontend is None:
            raise Unavailable(NO_ROUTE)
        place = paging.place
        if route.channel and paging.channel is None:
            raise Unavailable(NO_CHANNEL)
        if not route.channel:
            place = await self._direct(frontend, paging)
        posting = Posting(
            paging.page.key,
            place,
            paging.card,
            paging.page.is_repeat,
            notice=paging.notice,
        )
        return await frontend.post(posting, deadline), place.channel

    async def _direct(self, frontend: ChatFrontend, paging: Paging) -> Place:
        if not paging.user or not isinstance(frontend, ReachesPeople):
            name = "" if paging.member is None else paging.member.name
            raise Unavailable(NO_USER.format(name=name))
        return replace(paging.place, channel=await frontend.direct(paging.user))

    async def _settle(
        self,
        row: DueRow,
        paging: Paging,
        answer: tuple[str, str] | ConnectorError | TimeoutError,
    ) -> None:
        page = paging.page
        match answer:
            case (receipt, place):
                route = page.routes[page.route] if page.routes else ""
                command = Delivered(row, page, route, str(receipt)[:500], place)
                await self._store.write(delivered, command)
                reach(FaultPoint.PAGE_SAVED)
            case RateLimited(until=until):
                now = self._clock.now()
                wait = 30 * SECOND if until is None else max(SECOND, until - now)
                await self._store.write(not_taken, NotTaken(row, page, str(answer), wait))
            case (
                Unavailable()
                | AuthenticationFailed()
                | PermissionMissing()
                | Rejected()
                | TargetGone()
            ):
                await self._store.write(not_taken, NotTaken(row, page, str(answer)))
            case _:
                # It may have arrived: it stays `sending`, and the next claim goes on.
                await self._store.write(later, (row, MARGIN, str(answer)))

    async def _doubt(self, row: DueRow, paging: Paging) -> None:
        page, abilities = paging.page, self._abilities(paging)
        left = (page.sending_until or 0) - self._clock.now()
        longest = round(abilities.answer_seconds * SECOND) + MARGIN
        if 0 < left <= longest:
            await self._store.write(later, (row, left, ""))
            return
        if not paging.is_wanted:
            await self._store.write(cancelled, (row, page))
            return
        command = Doubted(row, page, abilities.knows_keys, SILENT)
        await self._store.write(doubted, command)

    def _abilities(self, paging: Paging) -> PagerAbilities:
        route = paging.route
        pager = None if route is None else self._pagers.get(route.slug)
        return BY_CHAT if pager is None else pager.abilities

    # Telling

    async def _tell(self, row: DueRow, paging: Paging) -> None:
        incident, page = paging.incident, paging.page
        if incident is None or page.told is incident.state:
            await self._store.write(ended, row)
            return
        try:
            async with asyncio.timeout(self._abilities(paging).answer_seconds):
                await self._tell_of(paging, incident.state)
        except (ConnectorError, TimeoutError) as error:
            if row.attempt < TOLD_TRIES and not isinstance(error, TargetGone | Rejected):
                await self._store.write(later, (row, _pause(row), str(error)))
                return
        await self._store.write(told, (row, page, incident.state))

    async def _tell_of(self, paging: Paging, state: IncidentState) -> None:
        route, page = paging.route, paging.page
        if route is None:
            return
        if route.is_chat:
            frontend = self._frontends.get(paging.channel.chat if paging.channel else route.chat)
            if frontend is not None and page.receipt:
                await frontend.redraw(paging.place, MessageId(page.receipt), paging.card)
            return
        pager: object = self._pagers.get(route.slug)
        if isinstance(pager, Settles) and state is not IncidentState.FIRING:
            await pager.settle(paging.outgoing, is_over=state is IncidentState.RESOLVED)


def _pause(row: DueRow) -> int:
    return min(MINUTE, backoff(row.attempt, 0.5))


def _beaten(tx: Tx, rows: Sequence[DueRow]) -> list[None]:
    for row in rows:
        tx.due.recovered(row)
        tx.due.done(row)
    return [None] * len(rows)
