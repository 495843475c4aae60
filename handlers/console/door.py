"""Signing in and out, and acting as somebody in the demo."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from aiohttp import web

from bot.ports import Clock, SignsIn
from bot.speech.speech import marked
from handlers.console.limits import IN_CHANNEL
from handlers.console.readers import zone_of
from handlers.console.render import Reading, Renderer
from handlers.console.visitor import (
    ACT_AS,
    SESSION,
    SESSION_SECONDS,
    VISITOR,
    Reception,
    form_of,
    set_cookie,
    speech_of,
)

SIGN_IN_SECONDS = 5.0
COMMAND = "replydesk console-token YOUR-NAME"


class Door:
    def __init__(
        self, signs_in: SignsIn, reception: Reception, renderer: Renderer, clock: Clock
    ) -> None:
        self._signs_in = signs_in
        self._reception = reception
        self._renderer = renderer
        self._clock = clock

    def install(self, app: web.Application) -> None:
        """Acting as somebody has no address at all outside the demo."""
        if self._reception.act_as is not None:
            app.router.add_post("/act-as", self.act_as)
            return
        app.router.add_get("/sign-in", self.ask)
        app.router.add_post("/sign-in", self.sign_in)
        app.router.add_post("/sign-out", self.sign_out)

    async def ask(self, request: web.Request) -> web.Response:
        """The link's page: it shows a button, because looking at a link must not spend it."""
        token = request.query.get("token", "")
        if token:
            says = (marked("This link works once and signs you in for 12 hours on this browser."),)
            return self.bare(request, marked("Sign in to the desk"), says, token=token)
        says = (marked("Ask for a link on the machine where replydesk runs:"),)
        return self.bare(
            request,
            marked("Sign in to the desk"),
            says,
            command=COMMAND,
            back="/",
            back_label=marked("I am signed in already"),
        )

    async def sign_in(self, request: web.Request) -> web.Response:
        token = (await form_of(request)).get("token", "")
        async with asyncio.timeout(SIGN_IN_SECONDS):
            session = await self._signs_in.exchange(token) if token else None
        if session is None:
            says = (
                marked(
                    "This link was used already, or is older than 10 minutes. Ask for a new one:"
                ),
            )
            return self.bare(
                request, marked("This link is spent"), says, status=403, command=COMMAND
            )
        response = web.Response(status=303, headers={"Location": "/"})
        set_cookie(request, response, SESSION, session, SESSION_SECONDS)
        return response

    async def sign_out(self, request: web.Request) -> web.Response:
        session = request[VISITOR].session
        if session:
            async with asyncio.timeout(SIGN_IN_SECONDS):
                await self._signs_in.sign_out(session)
        response = web.Response(status=303, headers={"Location": "/sign-in"})
        response.del_cookie(SESSION, path="/")
        return response

    async def act_as(self, request: web.Request) -> web.Response:
        slug = (await form_of(request)).get("member", "")
        if slug not in (self._reception.act_as or ()):
            raise web.HTTPNotFound(text=marked("There is nobody of that name to act as."))
        response = web.Response(status=303, headers={"Location": _page_before(request)})
        set_cookie(request, response, ACT_AS, slug)
        return response

    def bare(
        self,
        request: web.Request,
        title: str,
        says: tuple[str, ...],
        *,
        status: int = 200,
        token: str = "",
        command: str = "",
        back: str = "",
        back_label: str = "",
    ) -> web.Response:
        """A page without the desk around it."""
        visitor, speech = request.get(VISITOR), speech_of(request)
        reading = Reading(self._clock.now(), zone_of("UTC"), IN_CHANNEL, speech)
        text = self._renderer.page(
            "bare.html",
            reading,
            title=speech.say(title),
            says=tuple(map(speech.say, says)),
            token=token,
            command=command,
            back=back,
            back_label=speech.say(back_label),
            csrf=visitor.csrf if visitor else "",
        )
        return web.Response(status=status, text=text, content_type="text/html")


def _page_before(request: web.Request) -> str:
    """The page of ours from which a form was sent; the queue when it is not known."""
    parts = urlsplit(request.headers.get("Referer", ""))
    if parts.netloc != request.host or not parts.path.startswith("/") or parts.path[1:2] == "/":
        return "/"
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
