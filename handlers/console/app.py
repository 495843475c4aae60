"""The console as one application: its rooms joined, and what holds for every answer of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bot.errors import StoreError
from bot.ports import (
    Clock,
    Desk,
    EventFeed,
    FetchesPictures,
    Greets,
    Joins,
    JoinsChats,
    SignsIn,
)
from bot.speech.speech import marked
from handlers.console.acts import Acts, answer
from handlers.console.connecting import ConnectPages
from handlers.console.door import Door
from handlers.console.files import Files, read_static
from handlers.console.joining import ChatActs, GreetActs, JoinActs
from handlers.console.live import PING_SECONDS, STREAMS_AT_MOST, Live
from handlers.console.pages import Drawing, Pages
from handlers.console.readers import Readers
from handlers.console.render import Renderer
from handlers.console.visitor import Reception, speech_of
from handlers.console.week import WeekPages
from handlers.guard import checks_host

POLICY = "; ".join(
    (
        "default-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "frame-src 'self'",
        "object-src 'none'",
    )
)


FOR_SCRIPTS = (
    "/fragments/", "/events", "/act", "/orders/", "/accounts/", "/channels/", "/chats/", "/media/",
)  # fmt: skip
"""How addresses begin that no person opens."""


def build_console(
    desk: Desk,
    feed: EventFeed,
    signs_in: SignsIn,
    joins: Joins | None = None,
    greets: Greets | None = None,
    chat_joins: JoinsChats | None = None,
    *,
    act_as: Sequence[str] | None,
    sandbox: bool,
    clock: Clock,
    allowed_hosts: Collection[str],
    ping_seconds: float = PING_SECONDS,
    streams_at_most: int = STREAMS_AT_MOST,
    fetches: FetchesPictures | None = None,
) -> web.Application:
    """The console, to be mounted at "/".

    `act_as` are the slugs of the members that a demo may act as, the first one being who a new
    visitor is; None wherever people sign in. `joins` that offers no network connects no account,
    as in a demo. `sandbox` says that the simulated network is served
    under /sandbox/ and is shown beside the team channel.
    """
    if act_as is not None and not act_as:
        raise ValueError("act_as needs at least one member; None switches acting off")
    renderer = Renderer()
    reception = Reception(desk, signs_in, act_as)
    readers = Readers(desk, clock)
    door = Door(signs_in, reception, renderer, clock)
    app = web.Application(
        middlewares=[
            checks_host(allowed_hosts, open_to_all=lambda path: False),
            _answers_failures(door),
            reception.checks(),
        ]
    )
    app.on_response_prepare.append(_set_headers)
    door.install(app)
    drawing = Drawing(renderer, reception, sandbox=sandbox)
    Pages(desk, readers, drawing).install(app)
    WeekPages(desk, readers, drawing).install(app)
    ConnectPages(desk, readers, drawing, joins, greets).install(app)
    if greets is not None:
        GreetActs(greets).install(app)
    if joins is not None:
        JoinActs(joins).install(app)
    if chat_joins is not None:
        ChatActs(chat_joins).install(app)
    Acts(desk, readers, clock).install(app)
    Files(desk, read_static(), fetches).install(app)
    Live(feed, reception, ping_seconds=ping_seconds, streams_at_most=streams_at_most).install(app)
    return app


def _answers_failures(door: Door) -> Middleware:
    """Turn what handlers raise into pages for people, or into a line for a script."""

    @web.middleware
    async def answer_failures(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPUnauthorized as error:
            if _is_for_a_script(request):
                return web.Response(status=401, text=_said(request, error.text))
            return web.Response(status=303, headers={"Location": "/sign-in"})
        except web.HTTPForbidden as error:
            says = error.text or marked("This is not allowed.")
            if _is_for_a_script(request):
                return answer(request, 403, "refused", says)
            return door.bare(
                request,
                marked("Not done"),
                (says,),
                status=403,
                back="/",
                back_label=marked("To the queue"),
            )
        except web.HTTPNotFound as error:
            says = (
                error.text
                if error.text and error.text != "404: Not Found"
                else marked("No such page.")
            )
            if _is_for_a_script(request):
                return web.Response(status=404, text=_said(request, says))
            return door.bare(
                request,
                marked("Not here"),
                (says,),
                status=404,
                back="/",
                back_label=marked("To the queue"),
            )
        except (StoreError, TimeoutError):
            says = marked(
                "The desk does not answer right now. Nothing was changed; try again in a moment."
            )
            if _is_for_a_script(request):
                return web.Response(
                    status=503, text=_said(request, says), headers={"Retry-After": "2"}
                )
            return door.bare(
                request,
                marked("One moment"),
                (says,),
                status=503,
                back="/",
                back_label=marked("Try again"),
            )

    return answer_failures


def _said(request: web.Request, says: str | None) -> str:
    return speech_of(request).say(says or "")


def _is_for_a_script(request: web.Request) -> bool:
    return request.path.startswith(FOR_SCRIPTS)


async def _set_headers(request: web.Request, response: web.StreamResponse) -> None:
    headers = response.headers
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    if not request.path.startswith(("/media/", "/pictures/")):
        headers["Content-Security-Policy"] = POLICY
    headers.setdefault("Cache-Control", "no-store")
