"""The chats that were connected in the console: in this process as the store has them.

A front end is made and ended while the desk runs: whoever works looks it up by its name at every
card, and the row that listens elects who holds its connection (docs/adr/0034).
"""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field, replace

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bot import logs
from bot.bootstrap.arming import ALLOWED, chat_leads_out
from bot.bootstrap.chats import (
    Chats,
    Given,
    connect_chat,
    has_address,
    introducer,
    slack_of,
    telegram_of,
)
from bot.bootstrap.sealing import Sealing
from bot.config import Settings
from bot.errors import AnswersRefused, ConfigurationError, StoreError
from bot.model.team_chat import ChatIntroduced, TeamChat
from bot.ports import Clock, Desk, Listens
from bot.services.chat_joining import called, plugged_in, say_trouble
from bot.speech.speech import Speech, marked
from bot.store.store import Store
from handlers.chat_tokens import QUESTIONS, checked, is_called
from handlers.late_doors import LateDoors

ASK_SECONDS = 20.0
RETIRE_SECONDS = 70.0
"""How long a line that was replaced stays open: longer than any request on it may take."""
ARMED = "This desk kills itself on purpose (REPLYDESK_CHAOS=1), so it connects no chat outside."
UNKNOWN = "This version of the desk does not know that chat."


_NO_ADDRESS = marked(
    "This chat calls the desk, and public_url in [desk] does not say where that is. Set it, or "
    "give the chat new tokens and choose a connection."
)
SECRET_BYTES = 32


class Called:
    """Implements `bot.ports.Listens` for a chat that calls us: there is nothing to hold."""

    async def listen(self, connected: Callable[[], Awaitable[None]]) -> None:
        await connected()
        await asyncio.Event().wait()


class Ear:
    """Implements `bot.ports.Listens`: a connection that can be ended by whoever unplugs it."""

    def __init__(self, listener: Listens) -> None:
        self._listener = listener
        self._hearing: asyncio.Future[None] | None = None
        self._is_over = False

    async def listen(self, connected: Callable[[], Awaitable[None]]) -> None:
        """As the listener, and returns when it is ended."""
        if self._is_over:
            return
        self._hearing = asyncio.ensure_future(self._listener.listen(connected))
        try:
            await self._hearing
        except asyncio.CancelledError:
            if not self._is_over:
                raise

    def end(self) -> None:
        self._is_over = True
        if self._hearing is not None:
            self._hearing.cancel()


@dataclass(slots=True)
class _Plugged:
    """`sealed` is what it was made from: from the same again nothing is made."""

    sealed: Mapping[str, str] = field(repr=False)
    has_key: bool
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    ear: Ear | None = None


class JoinedChats:
    """Keeps `chats` as the store says; those of the configuration are not touched.

    Implements `bot.ports.ChatWires`.
    """

    def __init__(
        self,
        settings: Settings,
        chats: Chats,
        clock: Clock,
        desk: Desk,
        store: Store,
        sealing: Sealing,
        doors: LateDoors,
    ) -> None:
        self._settings = settings
        self._chats = chats
        self._clock = clock
        self._desk = desk
        self._store = store
        self._sealing = sealing
        self._doors = doors
        self._uncalled: set[str] = set()
        self._plugged: dict[str, _Plugged] = {}
        self._retiring: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Lock()

    async def introduce(
        self, chat: str, tokens: Mapping[str, str], speech: Speech
    ) -> ChatIntroduced:
        refusal = _refusal(self._settings, chat)
        if refusal:
            raise AnswersRefused({"bot_token": refusal})
        given = self._checked(chat, tokens)
        told = await introduced(self._settings, self._clock, chat, given, speech)
        return replace(told, is_called=is_called(tokens))

    def kept(self, chat: str, answers: Mapping[str, str]) -> Mapping[str, str]:
        given = self._checked(chat, answers)
        if chat == "telegram" and is_called(answers):
            given["secret"] = secrets.token_urlsafe(SECRET_BYTES)
        return given

    def _checked(self, chat: str, answers: Mapping[str, str]) -> dict[str, str]:
        return checked(chat, answers, has_address=has_address(self._settings, chat))

    def seal(self, secret: str, context: str) -> str:
        return self._sealing.vault().seal(secret, context)

    async def plug_in(self) -> None:
        """Make the front ends that are missing or changed, and end those that are not wanted."""
        async with self._turn:
            wanted = await self._store.read(lambda tx: tx.team_chats.connected())
            for chat in [one for one in self._plugged if one not in wanted]:
                self._unplug(chat)
            for chat, joined in wanted.items():
                has_key = self._sealing.look() is not None
                now = self._plugged.get(chat)
                if now is None or (now.sealed, now.has_key) != (joined.sealed, has_key):
                    self._unplug(chat)
                    await self._plug(joined, _Plugged(joined.sealed, has_key))

    async def close(self) -> None:
        async with self._turn:
            for chat in list(self._plugged):
                self._unplug(chat)
            for task in self._retiring:
                task.cancel()
            await asyncio.gather(*self._retiring, return_exceptions=True)

    async def _plug(self, joined: TeamChat, plugged: _Plugged) -> None:
        chat = joined.chat
        self._plugged[chat] = plugged
        if chat in self._settings.named_chats:
            return
        try:
            made = await self._connected(joined, plugged.stack)
        except ConfigurationError as error:
            # The others go on; this one says why it does not.
            await self._store.write(say_trouble, (chat, str(error)))
            return
        plugged.ear = Ear(made.listeners.get(chat, Called()))
        for path, door in made.doors.items():
            await self._open(chat, path, door, plugged.stack)
            if joined.called_at is None:
                self._uncalled.add(chat)
        self._chats.add(Chats(made.frontends, listeners={chat: plugged.ear}))
        await self._store.write(plugged_in, chat)

    async def _open(
        self, chat: str, path: str, door: web.Application, stack: AsyncExitStack
    ) -> None:
        door.middlewares.append(self._notices(chat))
        await self._doors.open(path, door)
        stack.push_async_callback(door.cleanup)
        stack.push_async_callback(door.shutdown)

    def _notices(self, chat: str) -> Middleware:
        """Its first request that proves itself is written down."""

        @web.middleware
        async def notice(request: web.Request, handler: Handler) -> web.StreamResponse:
            response = await handler(request)
            if chat in self._uncalled and response.status < web.HTTPBadRequest.status_code:
                with suppress(StoreError):
                    await self._store.write(called, chat)
                    self._uncalled.discard(chat)
            return response

        return notice

    async def _connected(self, joined: TeamChat, stack: AsyncExitStack) -> Chats:
        refusal = _refusal(self._settings, joined.chat)
        if refusal:
            raise ConfigurationError(refusal)
        vault = self._sealing.vault()
        tokens = {
            name: vault.open(sealed, joined.context(name)) for name, sealed in joined.sealed.items()
        }
        for token in tokens.values():
            logs.redact(token)
        if joined.is_called and not has_address(self._settings, joined.chat):
            raise ConfigurationError(_NO_ADDRESS)
        given = Given(tokens, joined.is_called)
        return await connect_chat(
            stack, self._settings, joined.chat, given, self._clock, self._desk, self._store
        )

    def _unplug(self, chat: str) -> None:
        """Nothing new begins on it; what is under way may be finished."""
        plugged = self._plugged.pop(chat, None)
        if plugged is None or chat in self._settings.named_chats:
            return
        self._chats.frontends.pop(chat, None)
        self._chats.listeners.pop(chat, None)
        self._doors.shut(f"/chats/{chat}")
        self._uncalled.discard(chat)
        if plugged.ear is not None:
            plugged.ear.end()
        task = asyncio.create_task(_retired(plugged.stack), name="retire-chat")
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)


async def introduced(
    settings: Settings, clock: Clock, chat: str, tokens: Mapping[str, str], speech: Speech
) -> ChatIntroduced:
    """Whose tokens these are, by the name of their setting; as `bot.ports.Introduces`."""
    refusal = _refusal(settings, chat)
    if refusal:
        raise AnswersRefused({"bot_token": refusal})
    for token in tokens.values():
        logs.redact(token)
    async with AsyncExitStack() as stack, asyncio.timeout(ASK_SECONDS):
        asked = await introducer(stack, settings, chat, tokens, clock)
        return await asked.introduce(speech)


def _refusal(settings: Settings, chat: str) -> str:
    """Why no line to this chat may be made here; empty when one may."""
    if chat not in QUESTIONS:
        return UNKNOWN
    table = slack_of(settings) if chat == "slack" else telegram_of(settings)
    is_armed = os.environ.get(ALLOWED) == "1"
    return ARMED if is_armed and chat_leads_out(table) else ""


async def _retired(stack: AsyncExitStack) -> None:
    with suppress(asyncio.CancelledError):
        await asyncio.sleep(RETIRE_SECONDS)
    await stack.aclose()
