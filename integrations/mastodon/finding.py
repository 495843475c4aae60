"""Looking for a status of ours whose answer was lost.

Ours is what our account wrote in answer to the same status, with the same words, not before the
approval. Servers show a text differently from how it was typed (names without hosts, typography,
Markdown), so one that reads almost alike is compared with what its server says was typed.

A reply is looked for in the context of what it answers, which has no pages. When that is gone,
and for posts, our own statuses are walked back until the moment of approval.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from bot.errors import CannotTell, TargetGone
from bot.model.draft import normalised
from bot.model.ids import MINUTE, SECOND, Moment
from bot.model.publication import Prepared, Receipt
from bot.ports import Clock
from integrations.mastodon.counting import without_hosts
from integrations.mastodon.entities import Context, Source, Status, entity
from integrations.mastodon.markup import shown_text
from integrations.mastodon.reading import Ourselves, moment_of, status_in
from integrations.mastodon.roots import READ
from integrations.mastodon.server import MastodonServer, at
from integrations.mastodon.writing import StatusRequest, receipt_of, request_in

SKEW = 2 * MINUTE
"""How far the server's clock may be behind ours."""
PAGE = 40
PAGES = 5
CONTEXT_LIMIT = 4_000
"""Mastodon cuts a context off at 4,096 statuses."""


class Finder:
    def __init__(self, server: MastodonServer, clock: Clock) -> None:
        self._server = server
        self._clock = clock

    async def find(self, prepared: Prepared, us: Ourselves) -> Receipt | None:
        request = request_in(prepared)
        for status in await self._candidates(request, us):
            if await self._is_it(status, request):
                return receipt_of(status)
        return None

    async def _candidates(self, request: StatusRequest, us: Ourselves) -> list[Status]:
        """Ours that may be it, the oldest first."""
        if not request.parent:
            found = await self._walk_back(request, us, answers=False)
            return _fitting(found, request, {None})
        try:
            answer = await self._server.read(at("statuses", request.parent, "/context"), scope=READ)
        except TargetGone:
            # its answers stay, but no longer say what they answered
            found = await self._walk_back(request, us, answers=True)
            return _fitting(found, request, {request.parent, None})
        shown = entity(answer, Context).descendants
        found = [self._readable(raw) for raw in shown if _is_by(raw, us)]
        if len(shown) >= CONTEXT_LIMIT:
            found += await self._walk_back(request, us, answers=True)
        return _fitting(found, request, {request.parent})

    async def _walk_back(
        self, request: StatusRequest, us: Ourselves, *, answers: bool
    ) -> list[Status]:
        """Our own statuses since the approval, whatever they answer."""
        params = [("limit", str(PAGE)), ("exclude_reblogs", "true")]
        if not answers:
            params.append(("exclude_replies", "true"))
        path = at("accounts", us.id, "/statuses")
        found: list[Status] = []
        page = await self._server.page(path, params, scope=READ)
        for _ in range(PAGES):
            found += [self._readable(raw) for raw in page.rows]
            if not page.rows or moment_of(found[-1]) < request.at - SKEW:
                return found
            older = page.older or found[-1].id
            page = await self._server.page(path, [*params, ("max_id", older)], scope=READ)
        raise CannotTell(
            "We have posted so much since that the Mastodon server does not list it all; "
            "please look there."
        )

    async def _is_it(self, status: Status, request: StatusRequest) -> bool:
        if len(status.media_attachments) != len(request.media):
            return False
        shown = shown_text(status.content, status.mentions)
        if _words(shown) == _words(request.status):
            return True
        if _letters(shown) != _letters(request.status):
            return False
        try:
            answer = await self._server.read(at("statuses", status.id, "/source"), scope=READ)
        except TargetGone as error:
            raise self._later() from error
        return _words(entity(answer, Source).text) == _words(request.status)

    def _readable(self, raw: Any) -> Status:
        status = status_in(raw)
        if isinstance(status, Status):
            return status
        raise CannotTell(
            "The Mastodon server shows a status of ours that cannot be read; please look there."
        )

    def _later(self) -> CannotTell:
        return CannotTell(
            "A status of ours reads almost like this one, but the server does not say what was "
            "typed. It is looked at again soon.",
            look_again_at=self._clock.now() + 30 * SECOND,
        )


def _is_by(raw: Any, us: Ourselves) -> bool:
    account = raw.get("account") if isinstance(raw, dict) else None
    return isinstance(account, dict) and account.get("id") == us.id


def _fitting(
    found: Iterable[Status], request: StatusRequest, parents: set[str | None]
) -> list[Status]:
    """The first that was made is the one that was asked for."""
    earliest = Moment(request.at - SKEW)
    fitting = {
        status.id: status
        for status in found
        if status.in_reply_to_id in parents and moment_of(status) >= earliest
    }
    return sorted(fitting.values(), key=moment_of)


def _words(text: str) -> Sequence[str]:
    """What survives the way to a server and back: white space, hosts and case of names may not."""
    return without_hosts(normalised(text)).casefold().split()


def _letters(text: str) -> str:
    """Letters and digits alone: quotes, dashes and Markdown may look different."""
    return re.sub(r"[\W_]+", "", "".join(_words(text)))
