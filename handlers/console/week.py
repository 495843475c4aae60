"""The week: planned posts that wait for the reader's yes, one on the page at a time."""

from __future__ import annotations

from urllib.parse import urlencode

from aiohttp import web

from bot.cards.week import WeekPage, WeekQuery
from bot.model.ids import PostId
from bot.ports import Desk
from handlers.console.pages import Drawing
from handlers.console.readers import Readers, Seen

MOST = 9


class WeekPages:
    def __init__(self, desk: Desk, readers: Readers, drawing: Drawing) -> None:
        self._desk = desk
        self._readers = readers
        self._drawing = drawing

    def install(self, app: web.Application) -> None:
        app.router.add_get("/week", self.week)
        app.router.add_get("/fragments/week", self.fragment)

    async def week(self, request: web.Request) -> web.Response:
        seen, values = await self._values(request)
        return self._drawing.page(request, seen, "week", "week.html", **values)

    async def fragment(self, request: web.Request) -> web.Response:
        seen, values = await self._values(request)
        return self._drawing.fragment(seen, "week_body.html", **values)

    async def _values(self, request: web.Request) -> tuple[Seen, dict[str, object]]:
        seen = await self._readers.see(request)
        step = {"next": 1, "previous": -1}.get(request.query.get("go", ""), 0)
        query = WeekQuery(PostId(_number(request, "near")), step, _number(request, "of"))
        page = await self._desk.view(query, seen.reader)
        return seen, {
            "week": page,
            "here": _href(page),
            "previous": _href(page, go="previous"),
            "next": _href(page, go="next"),
        }


def _href(page: WeekPage, **more: str) -> str:
    return "?" + urlencode({"near": page.near, "of": page.total} | more)


def _number(request: web.Request, name: str) -> int:
    given = request.query.get(name, "0")
    return int(given) if given.isascii() and given.isdigit() and len(given) <= MOST else 0
