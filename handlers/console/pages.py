"""The pages and their fragments: read as the person who looks, drawn, never kept by a cache."""

from __future__ import annotations

from aiohttp import web

from bot.cards.actions import ActionName, ButtonData
from bot.cards.card import Card
from bot.cards.label_choices import KINDS, LabelsQuery
from bot.cards.labels import LANGUAGE_NAMES
from bot.cards.pages import (
    CardQuery,
    HistoryQuery,
    JustHappenedQuery,
    QueueFilter,
    QueueQuery,
    ReportQuery,
    SearchQuery,
)
from bot.cards.said_before import SaidBeforeQuery
from bot.model.ids import TOKEN_LENGTH, CardToken
from bot.model.label import LONGEST
from bot.model.report import Span
from bot.model.saved_reply import SLOTS
from bot.ports import Desk
from bot.speech.speech import marked
from handlers import away_words, oncall_words, pace_words, report_words, shift_words
from handlers.account_words import leaving_lines, state_word
from handlers.console.chrome import chrome_for
from handlers.console.composer import post_form
from handlers.console.limits import ON_PAGE
from handlers.console.listing import PAGE_SIZE, WAITING, found_values, queue_values
from handlers.console.readers import Readers, Seen
from handlers.console.render import Renderer
from handlers.console.visitor import VISITOR, Reception

MAX_PAGE = 4_000
MOST_SOUGHT = 200
"""Characters of a search."""

WORK_WORDS = {
    "triage": marked("Sorting a comment"),
    "draft": marked("Writing a draft"),
    "moderate": marked("Liking, hiding or deleting on the network"),
    "wake": marked("Bringing back from a snooze"),
    "digest": marked("Telling somebody what waits for them"),
    "pictures": marked("Showing the pictures of a post in a chat"),
}
"""What a piece of work is called that was given up; other kinds never are."""


class Drawing:
    """Templates filled in for one reader: whole pages with the frame around them, or a part."""

    def __init__(self, renderer: Renderer, reception: Reception, *, sandbox: bool) -> None:
        self._renderer = renderer
        self._reception = reception
        self._sandbox = sandbox

    def page(
        self,
        request: web.Request,
        seen: Seen,
        page: str,
        template: str,
        **values: object,
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

    def fragment(self, seen: Seen, template: str, **values: object) -> web.Response:
        return _html(self._renderer.page(template, seen.reading, **values))

    def card(self, seen: Seen, card: Card) -> web.Response:
        return _html(str(self._renderer.card(card, seen.reading)))


class Pages:
    def __init__(self, desk: Desk, readers: Readers, drawing: Drawing) -> None:
        self._desk = desk
        self._readers = readers
        self._drawing = drawing

    def install(self, app: web.Application) -> None:
        app.router.add_get("/", self.queue)
        app.router.add_get("/search", self.search)
        app.router.add_get("/cards/{token}", self.item)
        app.router.add_get("/compose", self.compose)
        app.router.add_get("/compose/{token}", self.compose)
        app.router.add_get("/desk", self.desk)
        app.router.add_get("/report", self.report)
        app.router.add_get("/fragments/queue", self.queue_fragment)
        app.router.add_get("/fragments/card/{token}", self.card_fragment)
        app.router.add_get("/fragments/item/{token}", self.item_fragment)
        app.router.add_get("/fragments/labels/{token}", self.labels_fragment)
        app.router.add_get("/fragments/desk", self.desk_fragment)
        app.router.add_get("/fragments/just-happened", self.happened_fragment)

    async def queue(self, request: web.Request) -> web.Response:
        seen = await self._readers.see(request)
        values = await self._queue_values(request, seen)
        return self._drawing.page(request, seen, "queue", "queue.html", **values)

    async def queue_fragment(self, request: web.Request) -> web.Response:
        seen = await self._readers.see(request)
        values = await self._queue_values(request, seen)
        return self._drawing.fragment(seen, "queue_list.html", **values)

    async def search(self, request: web.Request) -> web.Response:
        seen = await self._readers.see(request)
        wanted, number = request.query.get("q", "")[:MOST_SOUGHT], _page_number(request)
        query = SearchQuery(wanted, PAGE_SIZE, (number - 1) * PAGE_SIZE)
        page = await self._desk.view(query, seen.reader)
        values = found_values(page, wanted, number)
        return self._drawing.page(request, seen, "search", "search.html", **values)

    async def card_fragment(self, request: web.Request) -> web.Response:
        seen = await self._readers.see(request)
        page = await self._desk.view(CardQuery(_token(request)), seen.reader)
        if page.card is None:
            raise _not_there(page.refusal)
        return self._drawing.card(seen, page.card)

    async def item(self, request: web.Request) -> web.Response:
        seen, values = await self._item_values(request)
        return self._drawing.page(request, seen, "item", "item.html", **values)

    async def item_fragment(self, request: web.Request) -> web.Response:
        seen, values = await self._item_values(request)
        return self._drawing.fragment(seen, "item_body.html", **values)

    async def labels_fragment(self, request: web.Request) -> web.Response:
        seen = await self._readers.see(request)
        page = await self._desk.view(LabelsQuery(_token(request)), seen.reader)
        if page.card is None:
            raise _not_there(page.refusal)
        say = page.speech.say
        groups = [(say(title), page.of(kind)) for kind, title in KINDS.items()]
        return self._drawing.fragment(seen, "labels.html", groups=groups, longest=LONGEST)

    async def compose(self, request: web.Request) -> web.Response:
        seen = await self._readers.see(request)
        card, post = None, None
        if "token" in request.match_info:
            page = await self._desk.view(CardQuery(_token(request)), seen.reader)
            if page.card is None:
                raise web.HTTPNotFound(text=marked("There is no such post any more."))
            card, post = page.card, page.post
        form = post_form(seen.desk, seen.reading, card, post)
        return self._drawing.page(
            request, seen, "compose", "compose.html", card=card, form=form, desk=seen.desk
        )

    async def desk(self, request: web.Request) -> web.Response:
        seen = await self._readers.see(request)
        return self._drawing.page(request, seen, "desk", "desk.html", **_desk_values(seen))

    async def report(self, request: web.Request) -> web.Response:
        seen = await self._readers.see(request)
        query = ReportQuery(_chosen_span(request), request.query.get("account", "")[:MOST_SOUGHT])
        page = await self._desk.view(query, seen.reader)
        zone = seen.reading.zone
        return self._drawing.page(
            request,
            seen,
            "desk",
            "report.html",
            span=query.span.value,
            account=page.account,
            accounts=seen.desk.accounts,
            title=report_words.titled(page, zone) if page.report else "",
            lines=report_words.listed(page, zone),
        )

    async def desk_fragment(self, request: web.Request) -> web.Response:
        seen = await self._readers.see(request)
        return self._drawing.fragment(seen, "desk_body.html", **_desk_values(seen))

    async def happened_fragment(self, request: web.Request) -> web.Response:
        seen = await self._readers.see(request)
        page = await self._desk.view(JustHappenedQuery(), seen.reader)
        return self._drawing.fragment(seen, "happened.html", lines=page.lines)

    async def _item_values(self, request: web.Request) -> tuple[Seen, dict[str, object]]:
        seen, token = await self._readers.see(request, ON_PAGE), _token(request)
        page = await self._desk.view(HistoryQuery(token), seen.reader)
        if page.card is None:
            raise _not_there(page.refusal)
        before = await self._desk.view(SaidBeforeQuery(token), seen.reader)
        return seen, {
            "card": page.card,
            "lines": page.lines,
            "why": page.why,
            "audit": page.audit,
            "notes": page.notes,
            "note_data": ButtonData(ActionName.NOTE, token, page.card.revision).encode(),
            "before": before,
        }

    async def _queue_values(self, request: web.Request, seen: Seen) -> dict[str, object]:
        chosen, number = _chosen_filter(request), _page_number(request)
        label = request.query.get("label", "")[:MOST_SOUGHT] if chosen in WAITING else ""
        query = QueueQuery(chosen, PAGE_SIZE, (number - 1) * PAGE_SIZE, label=label)
        page = await self._desk.view(query, seen.reader)
        labels = await self._desk.view(LabelsQuery(), seen.reader)
        return queue_values(page, chosen, number, label, labels.choices)


def _not_there(refusal: str) -> web.HTTPNotFound:
    """The same for what they may not see, with the desk's own words."""
    return web.HTTPNotFound(text=refusal or marked("There is no such card any more."))


def _desk_values(seen: Seen) -> dict[str, object]:
    say, reading = seen.reading.speech.say, seen.reading
    on_call = oncall_words.listed(seen.desk.oncall, reading.now, reading.zone, reading.speech)
    shifts = shift_words.listed(seen.desk.members, reading.now, reading.zone, reading.speech)
    return {
        "desk": seen.desk,
        "oncall_lines": on_call,
        "shift_lines": shifts,
        "left_lines": shift_words.left(seen.desk.left, reading.now, reading.zone, reading.speech),
        "state_words": {one.slug: say(state_word(one)) for one in seen.desk.accounts},
        "leaving_lines": tuple(leaving_lines(seen.desk.accounts, reading.speech)),
        "is_admin": False,
        "pace_told": pace_words.told(seen.desk.pace, reading.speech),
        "away_choices": away_words.choices(reading.now, reading.zone, reading.speech),
        "languages": LANGUAGE_NAMES,
        "reply_slots": ", ".join(sorted(SLOTS)),
        "work_words": {kind: say(words) for kind, words in WORK_WORDS.items()},
    }


def _chosen_filter(request: web.Request) -> QueueFilter:
    try:
        return QueueFilter(request.query.get("filter", QueueFilter.OPEN.value))
    except ValueError:
        return QueueFilter.OPEN


def _chosen_span(request: web.Request) -> Span:
    try:
        return Span(request.query.get("span", Span.DAY.value))
    except ValueError:
        return Span.DAY


def _page_number(request: web.Request) -> int:
    given = request.query.get("page", "1")
    is_number = given.isascii() and given.isdigit() and len(given) < 6
    return min(max(int(given), 1), MAX_PAGE) if is_number else 1


def _token(request: web.Request) -> CardToken:
    token = request.match_info["token"]
    if len(token) != TOKEN_LENGTH or not (token.isascii() and token.isalnum()):
        raise web.HTTPNotFound(text=marked("There is no such card."))
    return CardToken(token)


def _html(text: str) -> web.Response:
    return web.Response(text=text, content_type="text/html")
