"""The pages and their fragments: read as the person who looks, drawn, never kept by a cache."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from aiohttp import web

from bot.cards.actions import TOKEN_LENGTH
from bot.cards.pages import (
    CardQuery,
    HistoryPage,
    HistoryQuery,
    JustHappenedQuery,
    QueueFilter,
    QueuePage,
    QueueQuery,
)
from bot.model.account import AccountState
from bot.model.ids import CardToken
from bot.ports import Desk
from handlers.console.chrome import chrome_for
from handlers.console.composer import post_form
from handlers.console.limits import ON_PAGE
from handlers.console.readers import Readers, Seen
from handlers.console.render import Renderer
from handlers.console.visitor import VISITOR, Reception

PAGE_SIZE = 25
MAX_PAGE = 4_000

FILTERS = {
    QueueFilter.OPEN: "Open",
    QueueFilter.MINE: "Mine",
    QueueFilter.POSTS: "Posts",
    QueueFilter.QUIET: "Quiet",
    QueueFilter.DONE: "Done",
    QueueFilter.BACKLOG: "Backlog",
    QueueFilter.ALL: "All",
}
EMPTY = {
    QueueFilter.OPEN: ("All answered", "New comments and mentions appear here by themselves."),
    QueueFilter.MINE: ("Nothing is yours", "Take a card, or ask a colleague to give you one."),
    QueueFilter.POSTS: ("No planned posts", "Write one under New post."),
    QueueFilter.QUIET: ("Nothing quiet", "Items that need no reply are kept here."),
    QueueFilter.DONE: ("Nothing done yet", "What was published or closed is kept here."),
    QueueFilter.BACKLOG: ("No backlog", "What was there before the desk came is kept here."),
    QueueFilter.ALL: ("Nothing yet", "New comments and mentions appear here by themselves."),
}
STATE_WORDS = {
    AccountState.LIVE.value: "Live",
    AccountState.WATCH_ONLY.value: "Watch only",
    AccountState.PAUSED.value: "Needs a new token",
    AccountState.SUSPENDED.value: "Not in the configuration",
}
WORK_WORDS = {
    "triage": "Sorting a comment",
    "draft": "Writing a draft",
    "moderate": "Liking, hiding or deleting on the network",
    "wake": "Bringing back from a snooze",
}
"""What a piece of work is called that was given up; other kinds never are."""


@dataclass(frozen=True, slots=True)
class Tab:
    name: str
    label: str
    href: str
    count: int
    is_current: bool


class Pages:
    def __init__(
        self,
        desk: Desk,
        readers: Readers,
        renderer: Renderer,
        reception: Reception,
        *,
        sandbox: bool,
    ) -> None:
        self._desk = desk
        self._readers = readers
        self._renderer = renderer
        self._reception = reception
        self._sandbox = sandbox

    def install(self, app: web.Application) -> None:
        app.router.add_get("/", self.queue)
        app.router.add_get("/cards/{token}", self.item)
        app.router.add_get("/compose", self.compose)
        app.router.add_get("/compose/{token}", self.compose)
        app.router.add_get("/desk", self.desk)
        app.router.add_get("/fragments/queue", self.queue_fragment)
        app.router.add_get("/fragments/card/{token}", self.card_fragment)
        app.router.add_get("/fragments/item/{token}", self.item_fragment)
        app.router.add_get("/fragments/desk", self.desk_fragment)
        app.router.add_get("/fragments/just-happened", self.happened_fragment)

    async def queue(self, request: web.Request) -> web.Response:
        seen = await self._readers.see(request)
        values = await self._queue_values(request, seen)
        return self._page(request, seen, "queue", "queue.html", **values)

    async def queue_fragment(self, request: web.Request) -> web.Response:
        seen = await self._readers.see(request)
        return self._fragment(seen, "queue_list.html", **await self._queue_values(request, seen))

    async def card_fragment(self, request: web.Request) -> web.Response:
        seen = await self._readers.see(request)
        page = await self._desk.view(CardQuery(_token(request)), seen.reader)
        if page.card is None:
            raise web.HTTPNotFound(text="There is no such card any more.")
        return _html(str(self._renderer.card(page.card, seen.reading)))

    async def item(self, request: web.Request) -> web.Response:
        seen, page = await self._history(request)
        return self._page(request, seen, "item", "item.html", **_item_values(page))

    async def item_fragment(self, request: web.Request) -> web.Response:
        seen, page = await self._history(request)
        return self._fragment(seen, "item_body.html", **_item_values(page))

    async def compose(self, request: web.Request) -> web.Response:
        seen = await self._readers.see(request)
        card, post = None, None
        if "token" in request.match_info:
            page = await self._desk.view(CardQuery(_token(request)), seen.reader)
            if page.card is None:
                raise web.HTTPNotFound(text="There is no such post any more.")
            card, post = page.card, page.post
        form = post_form(seen.desk, seen.reading, card, post)
        return self._page(
            request, seen, "compose", "compose.html", card=card, form=form, desk=seen.desk
        )

    async def desk(self, request: web.Request) -> web.Response:
        seen = await self._readers.see(request)
        return self._page(request, seen, "desk", "desk.html", **_desk_values(seen))

    async def desk_fragment(self, request: web.Request) -> web.Response:
        seen = await self._readers.see(request)
        return self._fragment(seen, "desk_body.html", **_desk_values(seen))

    async def happened_fragment(self, request: web.Request) -> web.Response:
        seen = await self._readers.see(request)
        page = await self._desk.view(JustHappenedQuery(), seen.reader)
        return self._fragment(seen, "happened.html", lines=page.lines)

    async def _history(self, request: web.Request) -> tuple[Seen, HistoryPage]:
        seen = await self._readers.see(request, ON_PAGE)
        page = await self._desk.view(HistoryQuery(_token(request)), seen.reader)
        if page.card is None:
            raise web.HTTPNotFound(text="There is no such card any more.")
        return seen, page

    async def _queue_values(self, request: web.Request, seen: Seen) -> dict[str, object]:
        chosen, number = _chosen_filter(request), _page_number(request)
        query = QueueQuery(chosen, PAGE_SIZE, (number - 1) * PAGE_SIZE)
        page = await self._desk.view(query, seen.reader)
        return queue_values(page, chosen, number)

    def _page(
        self, request: web.Request, seen: Seen, page: str, template: str, **values: object
    ) -> web.Response:
        chrome = chrome_for(
            page,
            request[VISITOR],
            seen.desk,
            act_as=self._reception.act_as,
            sandbox=self._sandbox,
            pane=request.query.get("pane", ""),
        )
        return _html(self._renderer.page(template, seen.reading, chrome=chrome, **values))

    def _fragment(self, seen: Seen, template: str, **values: object) -> web.Response:
        return _html(self._renderer.page(template, seen.reading, **values))


def queue_values(page: QueuePage, chosen: QueueFilter, number: int) -> dict[str, object]:
    pages = max(-(-page.total // PAGE_SIZE), 1)
    title, says = EMPTY[chosen]
    return {
        "cards": page.cards,
        "filter": chosen,
        "tabs": [
            Tab(one.value, label, queue_href(one), page.counts.get(one, 0), one is chosen)
            for one, label in FILTERS.items()
        ],
        "page_number": number,
        "pages": pages,
        "before": queue_href(chosen, number - 1) if number > 1 else "",
        "after": queue_href(chosen, number + 1) if number < pages else "",
        "empty_title": title,
        "empty_says": says,
    }


def queue_href(chosen: QueueFilter, number: int = 1) -> str:
    query = {} if chosen is QueueFilter.OPEN else {"filter": chosen.value}
    if number > 1:
        query["page"] = str(number)
    return f"/?{urlencode(query)}" if query else "/"


def _desk_values(seen: Seen) -> dict[str, object]:
    return {"desk": seen.desk, "state_words": STATE_WORDS, "work_words": WORK_WORDS}


def _item_values(page: HistoryPage) -> dict[str, object]:
    return {"card": page.card, "lines": page.lines, "why": page.why, "audit": page.audit}


def _chosen_filter(request: web.Request) -> QueueFilter:
    try:
        return QueueFilter(request.query.get("filter", QueueFilter.OPEN.value))
    except ValueError:
        return QueueFilter.OPEN


def _page_number(request: web.Request) -> int:
    given = request.query.get("page", "1")
    is_number = given.isascii() and given.isdigit() and len(given) < 6
    return min(max(int(given), 1), MAX_PAGE) if is_number else 1


def _token(request: web.Request) -> CardToken:
    token = request.match_info["token"]
    if len(token) != TOKEN_LENGTH or not (token.isascii() and token.isalnum()):
        raise web.HTTPNotFound(text="There is no such card.")
    return CardToken(token)


def _html(text: str) -> web.Response:
    return web.Response(text=text, content_type="text/html")
