"""Presses and orders: decode, one call to the desk, answer with its sentence."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from bot.cards.actions import ButtonData, to_command
from bot.errors import StoreError
from bot.logs import get_logger
from bot.model.commands import Command, Order, OutcomeKind
from bot.model.ids import CommandId
from bot.ports import Clock, Desk
from handlers.console.orders import (
    MAX_ORDER,
    MAX_PICTURE_ORDER,
    ORDERS,
    PressForm,
)
from handlers.console.readers import Readers
from handlers.console.setting_up import SETTING_UP
from handlers.console.visitor import VISITOR, speech_of
from handlers.guard import BodyBroken, BodyTooLarge, BodyTooSlow, read_at_most
from handlers.visible import sendable

STATUS: Mapping[OutcomeKind, int] = {
    OutcomeKind.DONE: 200,
    OutcomeKind.REFUSED: 403,
    OutcomeKind.STALE: 409,
    OutcomeKind.MISSING: 404,
}
DESK_SECONDS = 5.0
"""The desk itself gives up after two; this is for a desk that does not."""

Form = TypeVar("Form", bound=BaseModel)
_FORMS = {**ORDERS, **SETTING_UP}


class Acts:
    def __init__(self, desk: Desk, readers: Readers, clock: Clock) -> None:
        self._desk = desk
        self._readers = readers
        self._clock = clock
        self._log = get_logger("console")

    def install(self, app: web.Application) -> None:
        app.router.add_post("/act", self.press)
        app.router.add_post("/orders/{name}", self.order)

    async def press(self, request: web.Request) -> web.Response:
        form = await read_form(request, PressForm, MAX_ORDER)
        if isinstance(form, web.Response):
            return form
        try:
            data = ButtonData.decode(form.data)
            command = to_command(data, now=self._clock.now(), entry=sendable(form.entry))
        except ValueError:
            return answer(
                request, 400, "refused", "This button means nothing here. Load the page again."
            )
        return await self._perform(request, str(form.id), command)

    async def order(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in _FORMS:
            return answer(request, 404, "missing", "There is no such order.")
        limit = MAX_PICTURE_ORDER if name == "add_picture" else MAX_ORDER
        form = await read_form(request, _FORMS[name], limit)
        if isinstance(form, web.Response):
            return form
        zone = await self._readers.zone(request[VISITOR])
        try:
            command = form.command(zone)
        except ValueError as error:
            return answer(request, 400, "refused", str(error))
        return await self._perform(request, str(form.id), command)

    async def _perform(self, request: web.Request, press: str, command: Command) -> web.Response:
        identity = request[VISITOR].identity
        if identity is None:
            return answer(request, 401, "refused", "You are signed out. Sign in, then do it again.")
        order = Order(CommandId(press), identity, command)
        try:
            async with asyncio.timeout(DESK_SECONDS):
                outcome = await self._desk.perform(order)
        except (StoreError, TimeoutError) as error:
            self._log.warning("press_not_saved", says=str(error) or "The desk took too long.")
            return answer(request, 503, "unsaved", "This was not saved. Press again.")
        return answer(
            request,
            STATUS[outcome.kind],
            outcome.kind.value,
            outcome.says,
            outcome.note,
            outcome.once,
        )


def answer(
    request: web.Request, status: int, kind: str, says: str, note: str = "", once: str = ""
) -> web.Response:
    """`says` is told in the visitor's language."""
    told = {"kind": kind, "says": speech_of(request).say(says), "note": note}
    return web.json_response(told | ({"once": once} if once else {}), status=status)


async def read_form(request: web.Request, form: type[Form], limit: int) -> Form | web.Response:
    """The form, or the refusal of what is not one."""
    if request[VISITOR].identity is None:
        return answer(request, 401, "refused", "You are signed out. Sign in, then do it again.")
    try:
        return form.model_validate_json(await read_at_most(request, limit))
    except BodyTooLarge:
        refusal = answer(
            request, 413, "refused", "This is too large. Make it smaller and send it again."
        )
        refusal.force_close()
        return refusal
    except BodyTooSlow:
        return answer(request, 408, "refused", "It did not arrive in time. Send it again.")
    except BodyBroken:
        return answer(request, 400, "refused", "It did not arrive whole. Send it again.")
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "the form"
        says = speech_of(request).say(
            "This cannot be read: {where}: {why}.", where=where, why=first["msg"].lower()
        )
        return answer(request, 400, "refused", says)
