"""The Connect page: accounts, channels and people, as an admin sets them up in a browser."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from aiohttp import web

from bot.cards.connecting import ChatOffer, ConnectPage, ConnectQuery, JoiningPage
from bot.cards.landing import LandingQuery
from bot.cards.pages import ChannelRow
from bot.model.ids import NetworkName
from bot.model.joining import Offer
from bot.model.member import Role
from bot.ports import Desk, Greets, Joins
from bot.speech.speech import marked
from handlers.account_words import state_word
from handlers.console.chat_steps import steps_in
from handlers.console.pages import Drawing
from handlers.console.readers import VIEW_SECONDS, Readers, Seen

CHAT_ID = 100
"""Characters of a chat's own id, at most."""


class ConnectPages:
    def __init__(
        self,
        desk: Desk,
        readers: Readers,
        drawing: Drawing,
        joins: Joins | None,
        greets: Greets | None,
    ) -> None:
        self._desk = desk
        self._readers = readers
        self._drawing = drawing
        self._joins = joins
        self._greets = greets

    def install(self, app: web.Application) -> None:
        app.router.add_get("/connect", self.connect)
        app.router.add_get("/connect/landing", self.landing)
        app.router.add_get("/connect/new/{network}", self.new)
        app.router.add_get("/connect/accounts/{slug}", self.again)
        app.router.add_get("/connect/chats/{chat}", self.chat)
        app.router.add_get("/fragments/connect", self.fragment)

    async def connect(self, request: web.Request) -> web.Response:
        seen = await self._readers.see(request)
        page = await self._page(seen)
        if page.refusal:
            return self._refused(request, seen, page.refusal)
        values = self._values(seen, page)
        return self._drawing.page(request, seen, "connect", "connect.html", **values)

    async def fragment(self, request: web.Request) -> web.Response:
        seen = await self._readers.see(request)
        page = await self._page(seen)
        if page.refusal:
            raise web.HTTPForbidden(text=page.refusal)
        return self._drawing.fragment(seen, "connect_body.html", **self._values(seen, page))

    async def new(self, request: web.Request) -> web.Response:
        """What a network asks for, to connect an account of it."""
        seen = await self._readers.see(request)
        page = await self._page(seen)
        if page.refusal:
            return self._refused(request, seen, page.refusal)
        offer = self._offer(request.match_info["network"])
        values = {question.name: question.suggested for question in offer.questions}
        return self._form(request, seen, offer, "", values)

    async def again(self, request: web.Request) -> web.Response:
        """The same for an account that gets a new token, with what is known of it."""
        seen = await self._readers.see(request)
        slug = request.match_info["slug"]
        async with asyncio.timeout(VIEW_SECONDS):
            page = await self._desk.view(ConnectQuery(slug), seen.reader)
        if page.refusal:
            return self._refused(request, seen, page.refusal)
        account = next((one for one in seen.desk.accounts if one.slug == slug), None)
        if account is None or account.is_named:
            raise web.HTTPNotFound(text=marked("No such account was connected here."))
        offer = self._offer(account.network_name)
        values = {name: _text(value) for name, value in page.settings.items()}
        return self._form(request, seen, offer, slug, values, hook=page)

    async def chat(self, request: web.Request) -> web.Response:
        """The tokens that a chat of the team asks for, to connect it or to give it new ones."""
        seen = await self._readers.see(request)
        page = await self._page(seen)
        if page.refusal:
            return self._refused(request, seen, page.refusal)
        name = request.match_info["chat"]
        chat = next((one for one in self._offers() if one.name == name), None)
        if chat is None or chat.is_named or not chat.questions:
            raise web.HTTPNotFound(text=marked("No such chat can be connected here."))
        standing = page.chats.get(name)
        known_as = standing.known_as if standing and standing.is_connected else ""
        offer = Offer(NetworkName(name), chat.title, "", (), chat.questions)
        return self._form(request, seen, offer, known_as, {}, is_chat=True)

    def _offer(self, network: str) -> Offer:
        offers = self._joins.page().offers if self._joins else ()
        found = next((one for one in offers if one.network == network), None)
        if found is None:
            raise web.HTTPNotFound(text=marked("No account of such a network can be connected."))
        return found

    def _form(
        self,
        request: web.Request,
        seen: Seen,
        offer: Offer,
        slug: str,
        values: Mapping[str, str],
        *,
        is_chat: bool = False,
        hook: ConnectPage | None = None,
    ) -> web.Response:
        """`slug` names what gets a new token, and is empty for what is new here."""
        joining = self._joins.page() if self._joins else JoiningPage()
        return self._drawing.page(
            request,
            seen,
            "connect",
            "joining.html",
            offer=offer,
            slug=slug,
            values=values,
            is_chat=is_chat,
            key_trouble=joining.key_trouble if self._joins else "",
            address=joining.address,
            is_public=joining.is_public,
            hook=hook.hook if hook else None,
            hook_path=hook.hook_path if hook else "",
        )

    async def landing(self, request: web.Request) -> web.Response:
        """What lands in one place of a chat, to be chosen; the address names the place."""
        seen = await self._readers.see(request)
        chat, channel, topic = (_given(request, key) for key in ("chat", "channel", "topic"))
        connect = await self._page(seen)
        if connect.refusal:
            return self._refused(request, seen, connect.refusal)
        if not chat or not channel:
            raise web.HTTPNotFound(text=marked("There is no such channel."))
        async with asyncio.timeout(VIEW_SECONDS):
            page = await self._desk.view(LandingQuery(chat, channel, topic), seen.reader)
        known = _known(seen, (chat, channel, topic))
        return self._drawing.page(
            request,
            seen,
            "connect",
            "landing.html",
            landing=page,
            place={"chat": chat, "channel": channel, "topic": topic},
            can_greet=chat in self._connected(connect),
            title=known.title if known else "",
        )

    def _values(self, seen: Seen, page: ConnectPage) -> Mapping[str, object]:
        say = seen.reading.speech.say
        joining = self._joins.page() if self._joins else JoiningPage()
        return {
            "desk": seen.desk,
            "state_words": {one.slug: say(state_word(one)) for one in seen.desk.accounts},
            "roles": [role.value for role in Role],
            "offers": joining.offers,
            "key_trouble": joining.key_trouble,
            "chats": self._offers(),
            "connected": self._connected(page),
            "standings": page.chats,
            "chat_steps": steps_in(seen.reading.speech),
            "is_demo": not joining.offers,
            "is_admin": bool(joining.offers),
        }

    def _offers(self) -> tuple[ChatOffer, ...]:
        return self._greets.chats() if self._greets else ()

    def _connected(self, page: ConnectPage) -> tuple[str, ...]:
        """The chats that the desk is connected to."""
        here = {name for name, one in page.chats.items() if one.is_connected}
        return tuple(one.name for one in self._offers() if one.is_named or one.name in here)

    async def _page(self, seen: Seen) -> ConnectPage:
        async with asyncio.timeout(VIEW_SECONDS):
            return await self._desk.view(ConnectQuery(), seen.reader)

    def _refused(self, request: web.Request, seen: Seen, says: str) -> web.Response:
        page = self._drawing.page(request, seen, "connect", "connect_refused.html", refusal=says)
        page.set_status(403)
        return page


def _given(request: web.Request, key: str) -> str:
    return request.query.get(key, "").strip()[:CHAT_ID]


def _known(seen: Seen, place: tuple[str, str, str]) -> ChannelRow | None:
    return next((one for one in seen.desk.channels if one.place == place), None)


def _text(value: object) -> str:
    """A setting as its field is filled with it."""
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
