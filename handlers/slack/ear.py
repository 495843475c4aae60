"""One press heard, for the live checklist: by the desk's own socket, and by nothing else of it."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.errors import ConnectorError
from bot.model.smoke import SmokeSkipped
from bot.ports import Clock
from handlers.slack.app import InFlight
from handlers.slack.line import SlackLine
from handlers.slack.payloads import Press
from handlers.slack.socket import SlackSocket
from handlers.slack.spans import Element
from handlers.slack.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Heard:
    user: str
    after: float
    """Seconds from the arrival of the press until its modal was open; 0 where none is opened."""


class Ear:
    def __init__(self, line: SlackLine, clock: Clock) -> None:
        self._line = line
        self._clock = clock

    async def hears(self, actions: str, seconds: float, modal: Element | None = None) -> Heard:
        """The first press whose `action_id` fits; SmokeSkipped when none comes, any ConnectorError.

        `modal` is opened with what the press brought.
        """
        heard: asyncio.Future[Heard] = asyncio.get_running_loop().create_future()

        async def press(ack: AsyncAck, body: dict[str, object]) -> None:
            await ack()
            begun, pressed = self._clock.monotonic(), Press.model_validate(body)
            try:
                await self._open(pressed.trigger_id, modal)
            except ConnectorError as error:
                if not heard.done():
                    heard.set_exception(error)
            if not heard.done():
                heard.set_result(Heard(pressed.user.id, self._clock.monotonic() - begun))

        async with self._listening(actions, press):
            try:
                async with asyncio.timeout(seconds):
                    return await heard
            except TimeoutError:
                raise SmokeSkipped(
                    "No press came. If a desk runs with the same app, stop it, then try again."
                ) from None

    async def _open(self, trigger: str, modal: Element | None) -> None:
        if modal is not None:
            await self._line.write("views.open", {"trigger_id": trigger, "view": modal})

    @asynccontextmanager
    async def _listening(
        self, actions: str, press: Callable[[AsyncAck, dict[str, object]], Awaitable[None]]
    ) -> AsyncIterator[None]:
        workspace, in_flight = Workspace(self._line), InFlight()
        app = _app(self._line, workspace, actions, in_flight.counted(press))
        socket = SlackSocket(app, self._line, workspace, in_flight, self._clock)
        stands = asyncio.Event()

        async def connected() -> None:
            stands.set()

        listening = asyncio.create_task(socket.listen(connected), name="smoke-slack")
        standing = asyncio.create_task(stands.wait(), name="smoke-slack-stands")
        try:
            await asyncio.wait({listening, standing}, return_when=asyncio.FIRST_COMPLETED)
            if listening.done():
                await listening  # it raises what went wrong
            yield
        finally:
            for task in (standing, listening):
                task.cancel()
            await asyncio.gather(standing, listening, return_exceptions=True)


def _app(
    line: SlackLine, workspace: Workspace, actions: str, listener: Callable[..., Awaitable[None]]
) -> AsyncApp:
    async def authorize(enterprise_id: str | None, team_id: str | None) -> Any:
        return await workspace.authorize(enterprise_id, team_id)

    app: Any = AsyncApp(
        name="replydesk-smoke",
        logger=logging.getLogger("slack_bolt"),
        signing_secret=line.options.signing_secret,
        client=line.client_with(None),
        authorize=authorize,
    )
    app.action(re.compile(actions))(listener)
    return app  # type: ignore[no-any-return]
