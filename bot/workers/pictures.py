"""Shows the pictures of a planned post under its card: uploads them, then shows them once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from bot.errors import CannotTell, PermissionMissing, Rejected, TargetGone, Unavailable
from bot.model.channel import ChatAbilities, ChatAct
from bot.model.due import DueRow
from bot.model.ids import SECOND, CardRefId, Monotonic
from bot.ports import ChatFrontend, Clock, Limiter, ShowsPictures
from bot.services import picturing
from bot.services.picturing import Begin, Picturing, Uploaded
from bot.services.publishing import put_off
from bot.store.store import Store
from bot.workers.card import AWAY, ChatTiming, keys_of
from bot.workers.direct import reached

UPLOAD_SECONDS = 25.0
"""For all pictures of a post together; nobody sees anything of it."""


@dataclass(frozen=True, slots=True)
class _Line:
    row: DueRow
    abilities: ChatAbilities
    chat: ShowsPictures


class PicturesTask:
    """What it raises is recorded by its class; used-up tries stand on the Desk page."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        limiter: Limiter,
        frontends: Mapping[str, ChatFrontend],
        timing: ChatTiming,
    ) -> None:
        self._store = store
        self._clock = clock
        self._limiter = limiter
        self._frontends = frontends
        self._timing = timing

    async def __call__(self, row: DueRow) -> None:
        of = await self._store.ask(picturing.read, CardRefId(row.arg["ref"]))
        line = None if of is None else self._line(row, of)
        if of is None or line is None:
            is_away = of is not None and of.channel.chat not in self._frontends
            await self._store.write(put_off, (row, AWAY if is_away else None))
        elif of.is_over:
            await self._store.write(picturing.over, (row, of))
        elif of.stands.pending != of.digest:
            await self._upload(line, of)
        elif of.stands.posting_until is None:
            await self._show(line, of)
        else:
            await self._find(line, of)

    def _line(self, row: DueRow, of: Picturing) -> _Line | None:
        """None where the chat is not connected, or shows pictures with its cards."""
        frontend = self._frontends.get(of.channel.chat)
        chat: object = frontend
        if frontend is None or not isinstance(chat, ShowsPictures):
            return None
        return _Line(row, frontend.abilities, chat)

    async def _upload(self, line: _Line, of: Picturing) -> None:
        shots = await self._store.ask(picturing.shots, of.media)
        try:
            async with asyncio.timeout(UPLOAD_SECONDS):
                files = await line.chat.upload(shots)
        except TimeoutError as error:
            raise Unavailable("The pictures could not be uploaded in time.") from error
        kept = Uploaded(line.row, of, tuple(files), self._timing.lease)
        staged = await self._store.write(picturing.uploaded, kept)
        if staged is not None:
            await self._show(line, staged)

    async def _show(self, line: _Line, of: Picturing) -> None:
        if await self._must_wait(line, of):
            return
        channel = await reached(line.chat, of.channel)
        began = self._clock.monotonic()
        lasts = int((self._timing.begin_within + self._timing.answer_within) * SECOND)
        begin = Begin(line.row, of, self._timing.lease, lasts)
        if of.ref.message is None or not await self._store.write(picturing.begin, begin):
            return
        deadline = Monotonic(began + self._timing.begin_within)
        try:
            async with asyncio.timeout(self._timing.answer_within):
                await line.chat.show(
                    channel.place, of.ref.message, of.stands.files, of.media, deadline
                )
        except TargetGone:
            # there is no message any more to show them under
            await self._end(line, of)
            return
        except Rejected:
            # the chat may have forgotten the files: the next try uploads them anew
            await self._store.write(picturing.forgotten, of)
            raise
        except TimeoutError:
            await self._later(line, SECOND // 2)
            return
        await asyncio.shield(self._end(line, of))

    async def _find(self, line: _Line, of: Picturing) -> None:
        stands = of.stands
        assert stands.posting_since is not None
        assert stands.posting_until is not None
        assert of.ref.message is not None
        settle = int(line.abilities.settle_seconds * SECOND)
        to_proof = stands.posting_until + settle - self._clock.now()
        try:
            async with asyncio.timeout(self._timing.answer_within):
                channel = await reached(line.chat, of.channel)
                is_there = await line.chat.are_shown(
                    channel.place, of.ref.message, stands.files, stands.posting_since
                )
        except (CannotTell, PermissionMissing, TargetGone):
            # a double is worse than a picture that is seen in the console alone
            await self._end(line, of)
            return
        except TimeoutError as error:
            raise Unavailable("The chat did not answer.") from error
        if is_there:
            await self._end(line, of)
        elif to_proof <= 0:
            await self._show(line, of)
        else:
            await self._later(line, min(2 * SECOND, to_proof + SECOND // 20))

    async def _end(self, line: _Line, of: Picturing) -> None:
        await self._store.write(picturing.shown, (line.row, of))

    async def _must_wait(self, line: _Line, of: Picturing) -> bool:
        chat, place = of.channel.chat, of.channel.place
        wait = await self._limiter.reserve(keys_of(chat, place, ChatAct.POST))
        if wait:
            await self._later(line, wait)
        return bool(wait)

    async def _later(self, line: _Line, wait: int) -> None:
        await self._store.write(put_off, (line.row, wait))
