"""Who looks and who acts: a session's member, or in the demo whoever is acted as.

Secrets live in cookies alone. Every browser gets a visit cookie; the CSRF token is derived from
it and from the session, so it needs no memory on our side and dies with either of them.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bot.model.member import ChatIdentity, Member
from bot.ports import Desk, SignsIn
from bot.speech.speech import ENGLISH, Speech, marked, speech_in
from handlers.guard import BodyBroken, BodyTooLarge, BodyTooSlow, is_secure, read_at_most

CHAT = "console"
SESSION = "replydesk_session"
VISIT = "replydesk_visit"
ACT_AS = "replydesk_act_as"
SESSION_SECONDS = 12 * 60 * 60
CSRF_HEADER = "X-CSRF-Token"
ACT_AS_HEADER = "X-Act-As"
"""Demo only: whom this tab shows as acting; another tab may have chosen another meanwhile."""
FORGED = marked(
    "This did not come from an open page of this desk. Load the page again and repeat it."
)

MAX_FORM = 16 * 1024
"""Bytes; our forms hold a token and a name."""

_VISIT_LENGTH = 43
"""Characters of 32 random bytes in URL-safe base64."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """A browser. `identity` is None until somebody signs in."""

    csrf: str
    visit: str
    session: str = ""
    identity: ChatIdentity | None = None
    member: Member | None = None
    speech: Speech = ENGLISH


VISITOR: web.RequestKey[Visitor] = web.RequestKey("visitor", Visitor)
_FORM: web.RequestKey[Mapping[str, str]] = web.RequestKey("form", Mapping)


class Reception:
    """Knows the browser behind a request. `act_as` are members' slugs, or None outside demo."""

    def __init__(self, desk: Desk, signs_in: SignsIn, act_as: Sequence[str] | None) -> None:
        self._desk = desk
        self._signs_in = signs_in
        self.act_as = tuple(act_as) if act_as is not None else None

    async def recognise(self, request: web.Request) -> Visitor:
        visit = request.cookies.get(VISIT, "")
        if len(visit) != _VISIT_LENGTH or not visit.isascii():
            visit = secrets.token_urlsafe(32)
        session = request.cookies.get(SESSION, "")
        if not session.isascii():
            session = ""
        identity = await self._identity(request, session)
        member = await self._desk.who(identity) if identity else None
        speech = speech_in(member.tongue.language if member else _preferred(request))
        return Visitor(csrf_of(visit, session), visit, session, identity, member, speech)

    async def _identity(self, request: web.Request, session: str) -> ChatIdentity | None:
        if self.act_as is not None:
            chosen = request.headers.get(ACT_AS_HEADER) or request.cookies.get(ACT_AS, "")
            slug = chosen if chosen in self.act_as else self.act_as[0]
            return ChatIdentity(CHAT, slug)
        return await self._signs_in.recognise(session) if session else None

    def checks(self) -> Middleware:
        """Recognise first, refuse forged requests, and answer with the visit cookie."""

        @web.middleware
        async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
            if request.path.startswith("/static/"):
                return await handler(request)
            visitor = await self.recognise(request)
            request[VISITOR] = visitor
            if request.method not in {"GET", "HEAD"} and not await _is_ours(request, visitor):
                raise web.HTTPForbidden(text=FORGED)
            response = await handler(request)
            if request.cookies.get(VISIT) != visitor.visit and not response.prepared:
                set_cookie(request, response, VISIT, visitor.visit)
            return response

        return check


def speech_of(request: web.Request) -> Speech:
    visitor = request.get(VISITOR)
    return visitor.speech if visitor else speech_in(_preferred(request))


def _preferred(request: web.Request) -> str:
    """The language that a browser asks for first; of people whom nobody knows yet."""
    return request.headers.get("Accept-Language", "")[:2].lower()


def csrf_of(visit: str, session: str) -> str:
    return hmac.new(visit.encode(), f"csrf:{session}".encode(), hashlib.sha256).hexdigest()


def set_cookie(
    request: web.Request,
    response: web.StreamResponse,
    name: str,
    value: str,
    max_age: int | None = None,
) -> None:
    response.set_cookie(
        name,
        value,
        max_age=max_age,
        path="/",
        httponly=True,
        samesite="Strict",
        secure=is_secure(request),
    )


async def _is_ours(request: web.Request, visitor: Visitor) -> bool:
    """Same origin by what the browser says, and the token that only our pages hold."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        return False
    origin = request.headers.get("Origin")
    if origin is not None and origin.partition("://")[2] != request.headers.get("Host"):
        return False
    given = request.headers.get(CSRF_HEADER)
    if given is None:
        given = (await form_of(request)).get("csrf", "")
    return hmac.compare_digest(given.encode("utf-8", "replace"), visitor.csrf.encode())


async def form_of(request: web.Request) -> Mapping[str, str]:
    """The fields of one of our own small forms; none of whatever else was sent."""
    if _FORM not in request:
        request[_FORM] = await _read_form(request)
    return request[_FORM]


async def _read_form(request: web.Request) -> Mapping[str, str]:
    if request.content_type != "application/x-www-form-urlencoded":
        return {}
    try:
        body = await read_at_most(request, MAX_FORM)
        return dict(parse_qsl(body.decode("utf-8", "replace"), max_num_fields=10))
    except (BodyTooLarge, BodyTooSlow, BodyBroken, ValueError):
        return {}
