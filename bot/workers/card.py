"""Keeps one card in one channel as it is on the desk: posts it once, then redraws it in place.

    wanted     commit `posting`, make the one request, settle
    posting    somebody died here, or an answer was lost: look for it by its key; where a chat
               cannot be read back, wait until it can no longer arrive and post it marked
    shown      redraw, unless it looks like that already

A card whose row is taken up as it is written is read, drawn and committed as `posting` in that
transaction (`bot.store.headway`), unless it would have to wait; if a limit of the chat says
afterwards that it has to, it is wanted again.

Posting is the only request that must not be repeated blindly. A look proves absence only after
the posting's own end, plus what the chat needs to settle.
"""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

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
from bot.faults import FaultPoint, reach
from bot.model.channel import CardRefState, ChatAct, Place
from bot.model.due import DueRow, Lane
from bot.model.ids import MINUTE, SECOND, CardRefId, ChannelId, MessageId, Moment, Monotonic
from bot.model.network import ReadBack
from bot.ports import ChatFrontend, Clock, Limiter, ShowsPictures, Threads
from bot.services.deciding import DeskRules
from bot.services.lines import Lines
from bot.services.publishing import backoff, put_off
from bot.services.showing import (
    Begin,
    Blocked,
    GivenUp,
    NotPosted,
    Posted,
    Redrawn,
    Showing,
    Showings,
    begin,
    blocked,
    given_up,
    look_of,
    lost,
    not_posted,
    not_redrawn,
    overtaken,
    posted,
    redrawn,
    tried,
)
from bot.store.headway import GoOn
from bot.store.store import Store
from bot.store.tx import Tx
from bot.workers.direct import reached
from bot.workers.loop import LEASE


@dataclass(frozen=True, slots=True)
class ChatTiming:
    """Seconds: how soon a request must begin, and how long its answer may take in all.

    `lease` is in milliseconds.
    """

    gathers: float = 0.02
    """What turns a card turns it again a moment later: a reply is approved, begun and published
    within some milliseconds. So a redraw waits a moment, and shows how that came out."""
    begin_within: float = 4.0
    answer_within: float = 10.0
    lease: int = LEASE


LONGEST_PAUSE = 30 * SECOND
"""After however many failures, in milliseconds: people act by what a card says, and the limits
of a chat hold us back by themselves."""
AWAY = 5 * MINUTE
"""How soon it is looked again whether a chat is connected; connecting one hurries what waits."""
TWICE = "That was so twice with one card, so it is not posted again. It is in the queue."


class CardTask:
    def __init__(
        self,
        store: Store,
        clock: Clock,
        lines: Lines,
        rules: DeskRules,
        limiter: Limiter,
        frontends: Mapping[str, ChatFrontend],
        timing: ChatTiming,
    ) -> None:
        self._store = store
        self._clock = clock
        self._read = Showings(lines, rules).read
        self._limiter = limiter
        self._frontends = frontends
        self._timing = timing
        self._full_until: dict[ChannelId, float] = {}
        """Monotonic seconds until which, as far as is known, a channel takes no more cards."""

    async def __call__(self, row: DueRow) -> None:
        ref_id = CardRefId(row.arg["ref"])
        if row.lane is Lane.REDRAWS:
            await asyncio.sleep(self._timing.gathers)
        shown = await self._store.ask(self._read, ref_id)
        if shown is None:
            await self._store.write(put_off, (row, None))
            return
        frontend = self._frontends.get(shown.channel.chat)
        if frontend is None:
            await self._store.write(put_off, (row, AWAY))
            return
        try:
            async with asyncio.timeout(self._timing.answer_within):
                shown = replace(shown, channel=await reached(frontend, shown.channel))
        except (ConnectorError, TimeoutError) as error:
            await self._store.write(tried, (row, self._backoff(row), str(error)))
            return
        match shown.ref.state:
            case CardRefState.WANTED if shown.wait:
                await self._later(row, shown.wait)
            case CardRefState.WANTED:
                await self._post(row, shown, frontend)
            case CardRefState.POSTING:
                await self._find(row, shown, frontend)
            case _:
                await self._redraw(row, shown, frontend)

    def make_headway(self, tx: Tx, rows: Sequence[DueRow]) -> list[GoOn | None]:
        """New cards are read, drawn and begun; whoever waits for a redraw waits for no other's."""
        began = self._clock.monotonic()
        new = [row for row in rows if row.lane is Lane.CARDS]
        read = zip(new, self._read(tx, [CardRefId(row.arg["ref"]) for row in new]), strict=True)
        ready = [(row, shown) for row, shown in read if shown and self._may_post(shown, began)]
        begun = begin(tx, [self._begin(row, shown) for row, shown in ready])
        left = {
            row.id: partial(self._post_begun, row, shown, began)
            for row, shown in itertools.compress(ready, begun)
        }
        return [left.get(row.id) for row in rows]

    def _may_post(self, shown: Showing, now: float) -> bool:
        """As far as can be known in a transaction. Direct messages ask where they stand first."""
        return (
            shown.ref.state is CardRefState.WANTED
            and not shown.wait
            and shown.channel.member_id is None
            and shown.channel.chat in self._frontends
            and now >= self._full_until.get(shown.channel.id, 0.0)
        )

    # Posting

    async def _post_begun(self, row: DueRow, shown: Showing, began: Monotonic) -> None:
        frontend = self._frontends[shown.channel.chat]
        wait = await self._wait_of(shown, ChatAct.POST, frontend)
        if wait:
            outcome = NotPosted(row, shown.ref, wait, "", counts=False)
            await asyncio.shield(self._store.write(not_posted, outcome))
            return
        await self._send(row, shown, frontend, began)

    async def _post(self, row: DueRow, shown: Showing, frontend: ChatFrontend) -> None:
        if await self._must_wait(row, shown, ChatAct.POST, frontend):
            return
        began = self._clock.monotonic()
        if not await self._store.write(begin, self._begin(row, shown)):
            return
        await self._send(row, shown, frontend, began)

    def _begin(self, row: DueRow, shown: Showing) -> Begin:
        lasts = int((self._timing.begin_within + self._timing.answer_within) * SECOND)
        return Begin(row, shown.ref, self._timing.lease, lasts)

    async def _send(
        self, row: DueRow, shown: Showing, frontend: ChatFrontend, began: Monotonic
    ) -> None:
        reach(FaultPoint.CARD_CLAIMED)
        ref = shown.ref
        posting = Posting(ref.key, shown.channel.place, shown.card, ref.is_repeat)
        deadline = Monotonic(began + self._timing.begin_within)
        answer = await self._ask(frontend, posting, deadline)
        reach(FaultPoint.CARD_POSTED)
        if isinstance(answer, Exception):
            await self._not_posted(row, shown, answer, frontend)
            return
        # Shielded: a stop in this moment must not lose what we know.
        stands = Posted(row, ref, answer, shown.card, _has_pictures(shown, frontend))
        await asyncio.shield(self._store.write(posted, stands))
        reach(FaultPoint.CARD_SAVED)

    async def _ask(
        self, frontend: ChatFrontend, posting: Posting, deadline: Monotonic
    ) -> MessageId | ConnectorError | TimeoutError:
        """The one request that makes a message appear, and what came of it."""
        try:
            async with asyncio.timeout(self._timing.answer_within):
                return await frontend.post(posting, deadline)
        except (ConnectorError, TimeoutError) as error:
            return error

    async def _not_posted(
        self,
        row: DueRow,
        shown: Showing,
        error: ConnectorError | TimeoutError,
        frontend: ChatFrontend,
    ) -> None:
        ref, says = shown.ref, str(error)
        match error:
            case RateLimited():
                wait = await self._close(shown, ChatAct.POST, error, frontend)
                outcome = NotPosted(row, ref, wait, says, counts=False)
            case Unavailable():
                outcome = NotPosted(row, ref, self._backoff(row), says)
            case AuthenticationFailed() | PermissionMissing() | Rejected() | TargetGone():
                outcome = NotPosted(row, ref, self._backoff(row), says, blocks=True)
            case _:
                # It may stand there: it stays `posting`, and the next claim looks.
                await asyncio.shield(self._store.write(put_off, (row, SECOND // 2)))
                return
        await asyncio.shield(self._store.write(not_posted, outcome))

    async def _find(self, row: DueRow, shown: Showing, frontend: ChatFrontend) -> None:
        ref, abilities = shown.ref, frontend.abilities
        assert ref.posting_since is not None
        assert ref.posting_until is not None
        if abilities.read_back is ReadBack.NONE:
            await self._repeat_when_over(row, shown, "The chat did not confirm this message.")
            return
        settled = ref.posting_until + int(abilities.settle_seconds * SECOND)
        to_proof = settled - self._clock.now()
        try:
            async with asyncio.timeout(self._timing.answer_within):
                message = await frontend.find(ref.key, shown.channel.place, ref.posting_since)
        except CannotTell as error:
            if error.look_again_at is None:
                await self._repeat_when_over(row, shown, str(error))
                return
            await self._later(row, max(SECOND, error.look_again_at - self._clock.now()))
            return
        except RateLimited as error:
            await self._later(row, await self._close(shown, ChatAct.POST, error, frontend))
            return
        except (ConnectorError, TimeoutError) as error:
            await self._store.write(tried, (row, self._backoff(row), str(error)))
            return
        if message is not None:
            stands = Posted(row, ref, message, None, _has_pictures(shown, frontend))
            await self._store.write(posted, stands)
        else:
            await self._not_found(row, shown, to_proof)

    async def _not_found(self, row: DueRow, shown: Showing, to_proof: int) -> None:
        if to_proof <= 0:
            says = "The message did not arrive in the chat."
            await self._store.write(not_posted, NotPosted(row, shown.ref, 0, says))
        else:
            await self._later(row, min(2 * SECOND, to_proof + SECOND // 20))

    async def _repeat_when_over(self, row: DueRow, shown: Showing, says: str) -> None:
        """Nothing proves that it is not there: once it cannot arrive any more, post it marked.

        Once: whoever presses either of them proves it, and a third could only be one more double.
        """
        assert shown.ref.posting_until is not None
        left = shown.ref.posting_until - self._clock.now()
        if left > 0:
            await self._later(row, left + SECOND // 20)
            return
        if shown.ref.is_repeat:
            await self._store.write(given_up, GivenUp(row, shown.ref, f"{says} {TWICE}"))
            return
        repeat = NotPosted(row, shown.ref, 0, says, is_repeat=True)
        await self._store.write(not_posted, repeat)

    # Redrawing

    async def _redraw(self, row: DueRow, shown: Showing, frontend: ChatFrontend) -> None:
        ref, place = shown.ref, shown.channel.place
        assert ref.message is not None
        if look_of(shown.card) != ref.look:
            if await self._must_wait(row, shown, ChatAct.EDIT, frontend):
                return
            try:
                async with asyncio.timeout(self._timing.answer_within):
                    await frontend.redraw(place, ref.message, shown.card)
            except (ConnectorError, TimeoutError) as error:
                await self._not_redrawn(row, shown, error, frontend)
                return
            except asyncio.CancelledError:
                # An heir has the lease, and this may arrive after what it draws.
                await asyncio.shield(self._store.write(overtaken, ref))
                raise
            reach(FaultPoint.UPDATE_CALLED)
        is_told = shown.is_told and isinstance(frontend, Threads)
        has_pictures = _has_pictures(shown, frontend)
        stands = Redrawn(row, ref, shown.card, is_told, has_pictures)
        await asyncio.shield(self._store.write(redrawn, stands))
        reach(FaultPoint.UPDATE_SAVED)

    async def _not_redrawn(
        self,
        row: DueRow,
        shown: Showing,
        error: ConnectorError | TimeoutError,
        frontend: ChatFrontend,
    ) -> None:
        """The same message drawn twice is the same message: whatever happened, draw it again."""
        match error:
            case TargetGone():
                await self._store.write(lost, (row, shown.ref))
            case RateLimited():
                await self._later(row, await self._close(shown, ChatAct.EDIT, error, frontend))
            case AuthenticationFailed() | PermissionMissing() | Rejected():
                wait = self._backoff(row)
                block = Blocked(row, shown.channel.id, wait, str(error))
                await self._store.write(blocked, block)
            case _:
                outcome = (row, shown.ref, self._backoff(row), str(error))
                await asyncio.shield(self._store.write(not_redrawn, outcome))

    # Limits

    async def _must_wait(
        self, row: DueRow, shown: Showing, act: ChatAct, frontend: ChatFrontend
    ) -> bool:
        wait = await self._wait_of(shown, act, frontend)
        if wait:
            await self._later(row, wait)
        return bool(wait)

    async def _wait_of(self, shown: Showing, act: ChatAct, frontend: ChatFrontend) -> int:
        """Milliseconds; 0 has reserved the act."""
        channel = shown.channel
        wait = await self._limiter.reserve(keys_of(channel.chat, channel.place, act))
        has_room_apart = shown.card.is_urgent and frontend.abilities.urgent is not None
        if wait and act is ChatAct.POST:
            self._full_until[channel.id] = self._clock.monotonic() + wait / SECOND
            if has_room_apart:
                urgent = keys_of(channel.chat, channel.place, ChatAct.URGENT)
                wait = min(wait, await self._limiter.reserve(urgent))
        return wait

    async def _close(
        self, shown: Showing, act: ChatAct, error: RateLimited, frontend: ChatFrontend
    ) -> int:
        """Nobody does this where the limit holds before the chat's moment; milliseconds until then.

        That is in this channel, or in all of them where the chat counts them together.
        """
        now = self._clock.now()
        until = Moment(error.until if error.until is not None else now + 30 * SECOND)
        channel = shown.channel
        here, everywhere, _all = keys_of(channel.chat, channel.place, act)
        abilities = frontend.abilities
        is_common = act is ChatAct.EDIT and abilities.edits_in_all is not None
        await self._limiter.close_until(everywhere if is_common else here, until)
        if act is ChatAct.POST and abilities.urgent is not None:
            urgent, *_ = keys_of(channel.chat, channel.place, ChatAct.URGENT)
            await self._limiter.close_until(urgent, until)
        return max(SECOND, until - now)

    async def _later(self, row: DueRow, wait: int) -> None:
        await self._store.write(put_off, (row, wait))

    def _backoff(self, row: DueRow) -> int:
        return min(LONGEST_PAUSE, backoff(row.attempt, random.random()))


def _has_pictures(shown: Showing, frontend: ChatFrontend) -> bool:
    return shown.has_pictures and isinstance(frontend, ShowsPictures)


def keys_of(chat: str, place: Place, act: ChatAct) -> tuple[str, str, str]:
    """The limits that one act in one channel counts against: the channel's own, the act's, all."""
    return f"chat:{chat}:{act}:{place.channel}", f"chat:{chat}:{act}", f"chat:{chat}"
