"""Connecting from the console: whose token it is, then the account; a test card to a channel.

A secret comes in the body of a request, goes to the desk, and is in no answer, no page, no address
and no line of the log.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

from aiohttp import web
from pydantic import StringConstraints

from bot.cards.connecting import Looked
from bot.errors import StoreError
from bot.logs import get_logger
from bot.model.channel import Place
from bot.model.commands import Outcome
from bot.model.ids import CommandId, NetworkName
from bot.model.joining import Wish
from bot.model.member import ChatIdentity
from bot.ports import Greets, Joins, JoinsChats
from handlers.console.acts import STATUS, answer, read_form
from handlers.console.orders import Form, Slug
from handlers.console.setting_up import ChatId, ChatName, Topic
from handlers.console.visitor import VISITOR, speech_of

JOIN_SECONDS = 28.0
"""The network has 20 of them."""
MAX_ANSWERS = 64 * 1024
"""Bytes of JSON."""

Answer = Annotated[str, StringConstraints(max_length=8_192)]
F = TypeVar("F", bound=Form)


class LookForm(Form):
    network: Slug
    account: Annotated[str, StringConstraints(max_length=60)] = ""
    answers: dict[Slug, Answer]

    def wish(self) -> Wish:
        return Wish(NetworkName(self.network), self.answers, self.account)


class JoinForm(LookForm):
    remote_id: Annotated[str, StringConstraints(max_length=500)]
    """Of the account that was shown."""


class DisconnectForm(Form):
    account: Slug


class ChatLookForm(Form):
    chat: ChatName
    answers: dict[Slug, Answer]


class ChatJoinForm(ChatLookForm):
    remote_id: Annotated[str, StringConstraints(max_length=500)]
    """Of the bot that was shown."""


class ChatDisconnectForm(Form):
    chat: ChatName


class KeyForm(Form):
    """Nothing but the press."""


class GreetForm(Form):
    chat: ChatName
    channel: ChatId
    topic: Topic = ""


class JoinActs:
    def __init__(self, joins: Joins) -> None:
        self._joins = joins

    def install(self, app: web.Application) -> None:
        app.router.add_post("/accounts/look", self.look)
        app.router.add_post("/accounts/join", self.join)
        app.router.add_post("/accounts/disconnect", self.disconnect)
        app.router.add_post("/accounts/key", self.make_key)

    async def look(self, request: web.Request) -> web.Response:
        return await _asked(
            request,
            LookForm,
            lambda form, press, actor: self._joins.look(press, actor, form.wish()),
        )

    async def join(self, request: web.Request) -> web.Response:
        return await _asked(
            request,
            JoinForm,
            lambda form, press, actor: self._joins.join(press, actor, form.wish(), form.remote_id),
        )

    async def disconnect(self, request: web.Request) -> web.Response:
        return await _asked(
            request,
            DisconnectForm,
            lambda form, press, actor: self._joins.disconnect(press, actor, form.account),
        )

    async def make_key(self, request: web.Request) -> web.Response:
        return await _asked(
            request, KeyForm, lambda _form, press, actor: self._joins.make_key(press, actor)
        )


class ChatActs:
    def __init__(self, joins: JoinsChats) -> None:
        self._joins = joins

    def install(self, app: web.Application) -> None:
        app.router.add_post("/chats/look", self.look)
        app.router.add_post("/chats/join", self.join)
        app.router.add_post("/chats/disconnect", self.disconnect)

    async def look(self, request: web.Request) -> web.Response:
        return await _asked(
            request,
            ChatLookForm,
            lambda form, press, actor: self._joins.look(press, actor, form.chat, form.answers),
        )

    async def join(self, request: web.Request) -> web.Response:
        return await _asked(
            request,
            ChatJoinForm,
            lambda form, press, actor: self._joins.join(
                press, actor, form.chat, form.answers, form.remote_id
            ),
        )

    async def disconnect(self, request: web.Request) -> web.Response:
        return await _asked(
            request,
            ChatDisconnectForm,
            lambda form, press, actor: self._joins.disconnect(press, actor, form.chat),
        )


class GreetActs:
    def __init__(self, greets: Greets) -> None:
        self._greets = greets

    def install(self, app: web.Application) -> None:
        app.router.add_post("/channels/test", self.greet)

    async def greet(self, request: web.Request) -> web.Response:
        return await _asked(
            request,
            GreetForm,
            lambda form, press, actor: self._greets.greet(
                press, actor, form.chat, Place(form.channel, form.topic)
            ),
        )


async def _asked(
    request: web.Request,
    kind: type[F],
    act: Callable[[F, CommandId, ChatIdentity], Awaitable[Looked | Outcome]],
) -> web.Response:
    form = await read_form(request, kind, MAX_ANSWERS)
    if isinstance(form, web.Response):
        return form
    actor = request[VISITOR].identity
    assert actor is not None
    try:
        async with asyncio.timeout(JOIN_SECONDS):
            told = await act(form, CommandId(str(form.id)), actor)
    except (StoreError, TimeoutError) as error:
        get_logger("console").warning(
            "press_not_saved", says=str(error) or "The desk took too long."
        )
        return answer(request, 503, "unsaved", "This was not saved. Press again.")
    return _told(request, told if isinstance(told, Looked) else Looked(told))


def _told(request: web.Request, looked: Looked) -> web.Response:
    outcome, say = looked.outcome, speech_of(request).say
    body: dict[str, object] = {
        "kind": outcome.kind.value,
        "says": say(outcome.says),
        "note": outcome.note,
        "problems": dict(looked.problems),
    }
    found = looked.found
    if found is not None:
        body["found"] = {
            "name": found.name,
            "remote_id": found.remote_id,
            "can": list(found.can),
            "cannot": list(found.cannot),
        }
    if looked.hook is not None:
        body["hook"] = {"address": looked.hook.address, "secret": looked.hook.secret}
    return web.json_response(body, status=STATUS[outcome.kind])
