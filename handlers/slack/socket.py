"""Socket Mode: a connection that we open, through which presses come; no public address is needed.

The library reconnects by itself, mostly. It loops for ever on a token that is wrong, and there are
reports of connections that stand and hear nothing. So the token is tried and the address fetched
by us, with a time-out and an error that says what is wrong; and a watchdog replaces the whole
handler when there was no sign of life for long.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.errors import Unavailable
from bot.logs import get_logger
from bot.model.ids import Monotonic
from bot.ports import Clock
from handlers.slack.app import InFlight
from handlers.slack.line import SlackLine
from handlers.slack.workspace import Workspace


@dataclass(frozen=True, slots=True)
class SocketTiming:
    """Seconds. `silent` is how long a connection may give no sign of life before it is replaced."""

    ping: float = 10.0
    look: float = 5.0
    connect: float = 10.0
    silent: float = 90.0
    disconnected: float = 60.0
    settle: float = 2.0
    close: float = 3.0


class SlackSocket:
    """Implements `bot.ports.Listens`."""

    def __init__(
        self,
        app: AsyncApp,
        line: SlackLine,
        workspace: Workspace,
        in_flight: InFlight,
        clock: Clock,
        timing: SocketTiming = SocketTiming(),
    ) -> None:
        self._app = app
        self._line = line
        self._workspace = workspace
        self._in_flight = in_flight
        self._clock = clock
        self._timing = timing
        self._log = get_logger("slack")

    async def listen(self, connected: Callable[[], Awaitable[None]]) -> None:
        """Until cancelled; any `ConnectorError` when no connection can be made."""
        while True:
            bot = await self._workspace.bot()
            async with self._handler() as handler:
                await connected()
                self._log.info("slack_connected", team=bot.team)
                await self._watch(handler)
            self._log.warning("slack_deaf", says="No sign of life; connecting anew.")

    @asynccontextmanager
    async def _handler(self) -> AsyncIterator[AsyncSocketModeHandler]:
        """A connection that stands; at the end what is under way is finished on it first."""
        address = await self._line.open_socket()
        handler = _Handler(
            self._in_flight,
            self._app,
            self._line.options.app_token,
            logger=logging.getLogger("slack_bolt"),
            web_client=self._line.client_with(self._line.options.app_token),
            ping_interval=self._timing.ping,
        )
        handler.client.wss_uri = address
        try:
            try:
                async with asyncio.timeout(self._timing.connect):
                    await handler.connect_async()  # type: ignore[no-untyped-call]
            except TimeoutError as error:
                raise Unavailable("Slack's socket did not answer.") from error
            yield handler
        finally:
            await self._in_flight.settle(self._timing.settle)
            await self._close(handler)

    async def _close(self, handler: AsyncSocketModeHandler) -> None:
        """A deaf peer does not answer our goodbye; its connection is then dropped."""
        try:
            async with asyncio.timeout(self._timing.close):
                await handler.close_async()  # type: ignore[no-untyped-call]
        except TimeoutError:
            await handler.client.aiohttp_client_session.close()

    async def _watch(self, handler: AsyncSocketModeHandler) -> None:
        """Return when the connection is deaf."""
        client = handler.client
        life = _Life(self._clock.monotonic())

        async def heard(_frame: object) -> None:
            life.heard_at = self._clock.monotonic()

        client.on_message_listeners.append(heard)
        while True:
            await asyncio.sleep(self._timing.look)
            now = self._clock.monotonic()
            if client.last_ping_pong_time != life.pong:
                life.pong, life.heard_at = client.last_ping_pong_time, now
            if await client.is_connected():
                life.stood_at = now
            is_silent = now - life.heard_at > self._timing.silent
            if is_silent or now - life.stood_at > self._timing.disconnected:
                return


class _Handler(AsyncSocketModeHandler):
    """Counts an envelope until its answer is sent, which is after its listener has ended."""

    def __init__(self, in_flight: InFlight, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._in_flight = in_flight

    async def handle(self, client: Any, req: SocketModeRequest) -> None:
        with self._in_flight.one():
            await super().handle(client, req)


class _Life:
    """Signs of life of one connection: frames, pongs, and that it stands at all."""

    def __init__(self, now: Monotonic) -> None:
        self.heard_at = now
        self.stood_at = now
        self.pong: float | None = None
