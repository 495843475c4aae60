"""Files the pages need: our own static ones, held in memory, and pictures, ours and theirs."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from bot.cards.card import Card, Picture
from bot.cards.pages import CardQuery, MediaQuery
from bot.model.ids import CardToken
from bot.ports import Desk, FetchesPictures
from bot.speech.speech import marked
from handlers.console.readers import VIEW_SECONDS, reader_of

STATIC = Path(__file__).parent / "static"

# Said here and not asked of the machine: some systems call JavaScript text/plain.
TYPES: Mapping[str, str] = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
PICTURE_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class StaticFile:
    content_type: str
    body: bytes
    tag: str


def read_static(folder: Path = STATIC) -> dict[str, StaticFile]:
    """Every file that a page may ask for, by its path below /static/."""
    files = {}
    for path in sorted(folder.rglob("*")):
        content_type = TYPES.get(path.suffix)
        if content_type and path.is_file():
            body = path.read_bytes()
            tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
            files[path.relative_to(folder).as_posix()] = StaticFile(content_type, body, tag)
    return files


class Files:
    def __init__(
        self, desk: Desk, static: Mapping[str, StaticFile], fetches: FetchesPictures | None
    ) -> None:
        self._desk = desk
        self._static = static
        self._fetches = fetches

    def install(self, app: web.Application) -> None:
        app.router.add_get("/static/{path:.+}", self.static)
        app.router.add_get("/media/{hash}", self.picture)
        app.router.add_get("/pictures/{token}", self.theirs)
        app.router.add_get("/pictures/{token}/post", self.posts)

    async def static(self, request: web.Request) -> web.Response:
        file = self._static.get(request.match_info["path"])
        if file is None:
            raise web.HTTPNotFound(text=marked("There is no such file."))
        headers = {"ETag": file.tag, "Cache-Control": "no-cache"}
        if request.headers.get("If-None-Match") == file.tag:
            return web.Response(status=304, headers=headers)
        return web.Response(body=file.body, headers={**headers, "Content-Type": file.content_type})

    async def picture(self, request: web.Request) -> web.Response:
        digest = request.match_info["hash"]
        if not _HASH.fullmatch(digest):
            raise web.HTTPNotFound(text=marked("There is no such picture."))
        reader = reader_of(request)
        async with asyncio.timeout(VIEW_SECONDS):
            page = await self._desk.view(MediaQuery(digest), reader)
        if page.data is None or page.content_type not in PICTURE_TYPES:
            raise web.HTTPNotFound(text=marked("There is no such picture."))
        return _picture(page.content_type, page.data)

    async def theirs(self, request: web.Request) -> web.Response:
        """The first picture of a comment: whoever may see its card may see it, through us."""
        card = await self._card(request)
        return await self._shown(None if card is None else card.media)

    async def posts(self, request: web.Request) -> web.Response:
        """As `theirs`, of the post that it stands under."""
        card = await self._card(request)
        return await self._shown(None if card is None else card.context_media)

    async def _card(self, request: web.Request) -> Card | None:
        async with asyncio.timeout(VIEW_SECONDS):
            token = CardToken(request.match_info["token"])
            page = await self._desk.view(CardQuery(token), reader_of(request))
        return page.card

    async def _shown(self, media: Picture | None) -> web.Response:
        found = None
        if media is not None and media.remote and self._fetches is not None:
            found = await self._fetches.fetch(media.remote)
        if found is None or found[0] not in PICTURE_TYPES:
            raise web.HTTPNotFound(text=marked("There is no such picture."))
        return _picture(*found)


def _picture(content_type: str, data: bytes) -> web.Response:
    """Whatever it really is, a browser runs nothing of it."""
    return web.Response(
        body=data,
        headers={
            "Content-Type": content_type,
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cache-Control": "private, max-age=86400, immutable",
        },
    )
