"""Updates that Telegram sends by itself: its secret first, then they are taken like polled ones.

POST /chats/telegram/update, with X-Telegram-Bot-Api-Secret-Token. Anything but 2xx makes Telegram
send the update again, so 200 is said only when what it decided is committed.
"""

from __future__ import annotations

import hmac
import json

from aiohttp import web

from handlers.guard import BodyBroken, BodyTooLarge, BodyTooSlow, read_at_most
from handlers.telegram.clerk import NotSaved
from handlers.telegram.listening import Afterwards
from handlers.telegram.updates import Updates

PATH = "/chats/telegram"
MAX_BODY = 1024 * 1024
SECRET = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of a header


def build_door(updates: Updates, secret: str) -> web.Application:
    """To be mounted at `PATH`."""
    app = web.Application()
    door = _Door(updates, secret)
    app.router.add_post("/update", door.update)
    app.on_cleanup.append(door.close)
    return app


class _Door:
    def __init__(self, updates: Updates, secret: str) -> None:
        self._updates = updates
        self._secret = secret
        self._afterwards = Afterwards()

    async def close(self, app: web.Application) -> None:
        await self._afterwards.close()

    async def update(self, request: web.Request) -> web.Response:
        given = request.headers.get(SECRET, "")
        if not hmac.compare_digest(self._secret.encode(), given.encode("utf-8", "replace")):
            return _broken(401, "The secret is wrong.")
        try:
            raw = json.loads(await read_at_most(request, MAX_BODY))
        except BodyTooLarge:
            return _broken(413, "This is too large.")
        except (BodyTooSlow, BodyBroken):
            return _broken(400, "It did not arrive whole.")
        except (ValueError, RecursionError):
            return web.Response(status=400, text="This is no update.")
        try:
            after = await self._updates.take(raw)
        except NotSaved:
            return web.Response(status=503, text="This was not saved. Send it again.")
        self._afterwards.add(after)
        return web.Response()


def _broken(status: int, says: str) -> web.Response:
    refusal = web.Response(status=status, text=says)
    refusal.force_close()
    return refusal
