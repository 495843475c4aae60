"""HTTP mode: Slack calls us at one address for presses, commands, shortcuts and events.

POST /chats/slack/events. Bolt proves the sender: `X-Slack-Signature` over time and body with the
signing secret, at most five minutes old.
"""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest

from handlers.guard import BodyBroken, BodyTooLarge, BodyTooSlow, read_at_most
from handlers.slack.app import InFlight

MAX_BODY = 1024 * 1024


SETTLE_SECONDS = 2.0
"""How long a stop waits for what was acknowledged and is not told yet."""


def build_door(bolt: AsyncApp, in_flight: InFlight) -> web.Application:
    """To be mounted at /chats/slack."""

    async def settle(_app: web.Application) -> None:
        await in_flight.settle(SETTLE_SECONDS)

    door = _Door(bolt)
    app = web.Application()
    app.on_shutdown.append(settle)
    app.router.add_post("/events", door.receive)
    return app


class _Door:
    def __init__(self, bolt: AsyncApp) -> None:
        self._bolt = bolt

    async def receive(self, request: web.Request) -> web.Response:
        try:
            body = (await read_at_most(request, MAX_BODY)).decode()
        except BodyTooLarge:
            return _refused(413, "This is too large.")
        except (BodyTooSlow, BodyBroken, UnicodeDecodeError):
            return _refused(400, "This cannot be read.")
        headers: dict[str, str | Sequence[str]] = {**request.headers}
        asked = AsyncBoltRequest(body=body, query=request.query_string, headers=headers)
        return await to_aiohttp_response(await self._bolt.async_dispatch(asked))


def _refused(status: int, says: str) -> web.Response:
    response = web.Response(status=status, text=says)
    response.force_close()
    return response
