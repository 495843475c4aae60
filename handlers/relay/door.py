"""Presses from the relay's tool: signature first, then one call to the desk, then its sentence.

POST /chats/relay/press   {"id", "user", "data", "entry"}   ->   {"kind", "says", "note"}

`id` is unique for each press and repeated when its answer was lost; `user` is who pressed, as the
tool knows them and as `relay` names members in the configuration; `data` is what the button
carried; `entry` is what the person was asked for.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Annotated

from aiohttp import web
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from bot.cards.actions import ButtonData, to_command
from bot.errors import SignatureInvalid, StoreError
from bot.logs import get_logger
from bot.model.commands import Order, Outcome, OutcomeKind
from bot.model.ids import CommandId
from bot.model.member import ChatIdentity
from bot.ports import Clock, Desk
from handlers.guard import BodyBroken, BodyTooLarge, BodyTooSlow, read_at_most
from handlers.relay.signing import check

CHAT = "relay"
MAX_BODY = 256 * 1024
DESK_SECONDS = 5.0
STATUS: Mapping[OutcomeKind, int] = {
    OutcomeKind.DONE: 200,
    OutcomeKind.REFUSED: 403,
    OutcomeKind.STALE: 409,
    OutcomeKind.MISSING: 404,
}


class PressForm(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    id: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    user: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    data: Annotated[str, StringConstraints(max_length=64)]
    entry: Annotated[str, StringConstraints(max_length=100_000)] = ""


def build_door(desk: Desk, clock: Clock, secret: str) -> web.Application:
    """To be mounted at /chats/relay."""
    app = web.Application()
    app.router.add_post("/press", _Door(desk, clock, secret).press)
    return app


class _Door:
    def __init__(self, desk: Desk, clock: Clock, secret: str) -> None:
        self._desk = desk
        self._clock = clock
        self._secret = secret
        self._log = get_logger("relay")

    async def press(self, request: web.Request) -> web.Response:
        form = await self._read(request)
        if isinstance(form, web.Response):
            return form
        try:
            data = ButtonData.decode(form.data)
            command = to_command(data, now=self._clock.now(), entry=form.entry)
        except ValueError:
            return _answer(400, "refused", "This button means nothing here. Draw the card again.")
        order = Order(CommandId(form.id), ChatIdentity(CHAT, form.user), command)
        try:
            async with asyncio.timeout(DESK_SECONDS):
                outcome = await self._desk.perform(order)
        except (StoreError, TimeoutError) as error:
            self._log.warning("press_not_saved", says=str(error) or "The desk took too long.")
            return _answer(503, "unsaved", "This was not saved. Press again.")
        return _told(outcome)

    async def _read(self, request: web.Request) -> PressForm | web.Response:
        """The press, or the refusal of what is none."""
        try:
            body = await read_at_most(request, MAX_BODY)
        except BodyTooLarge:
            return _broken(413, "This is too large.")
        except (BodyTooSlow, BodyBroken):
            return _broken(400, "It did not arrive whole. Send it again.")
        path = request.raw_path
        try:
            check(self._secret, request.method, path, request.headers, body, self._clock.now())
        except SignatureInvalid as error:
            return _answer(401, "refused", str(error))
        try:
            return PressForm.model_validate(json.loads(body))
        except (ValueError, ValidationError):
            return _answer(400, "refused", "This is not a press.")


def _told(outcome: Outcome) -> web.Response:
    return _answer(STATUS[outcome.kind], outcome.kind.value, outcome.says, outcome.note)


def _broken(status: int, says: str) -> web.Response:
    refusal = _answer(status, "refused", says)
    refusal.force_close()
    return refusal


def _answer(status: int, kind: str, says: str, note: str = "") -> web.Response:
    return web.json_response({"kind": kind, "says": says, "note": note}, status=status)
