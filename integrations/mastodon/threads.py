"""The leg that reads whole threads again: answers that do not name us, edits, and deletions.

What is no longer shown in a thread may be deleted, or its author blocked us; a server may also
cut a long thread off. So what a thread had at the last reading is remembered, and whatever
vanished is asked after by itself: only "not found" is a removal. A few threads are read at a
time; the cursor remembers which are done in this round.
"""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.errors import TargetGone
from bot.model.ids import RemoteId
from bot.model.network import Batch, Cursor, Observation, Removal, Unsupported, Watch
from integrations.mastodon.entities import Context, Status, entity
from integrations.mastodon.reading import (
    Ourselves,
    Root,
    concerns,
    item,
    moment_of,
    root_of,
    status_in,
)
from integrations.mastodon.roots import READ, Roots
from integrations.mastodon.server import MastodonServer, at
from integrations.ordering import oldest_first

THREADS_AT_ONCE = 8
REMEMBERED = 40
"""Newest statuses of one thread that are remembered, to notice when one is gone."""
PROOFS_AT_ONCE = 10
"""Vanished statuses that one fetch asks after."""


class ThreadsCursor(BaseModel):
    model_config = ConfigDict(frozen=True)
    known: dict[str, tuple[str, ...]] = {}
    """Statuses seen in each thread when it was last read."""
    done: tuple[str, ...] = ()
    """Threads that this round has read."""


class Threads:
    def __init__(self, server: MastodonServer, roots: Roots) -> None:
        self._server = server
        self._roots = roots

    async def read(self, since: Cursor | None, watch: Watch, us: Ourselves) -> Batch:
        before = _cursor(since)
        left = [post for post in watch.own_posts if post not in before.done]
        turn = left[:THREADS_AT_ONCE]
        known: dict[str, tuple[str, ...]] = {
            post: before.known.get(post, ()) for post in watch.own_posts
        }
        observations: list[Observation] = []
        missing: list[str] = []
        for post in turn:
            shown = await self._thread(post, us, observations)
            missing += [one for one in known[post] if one not in shown]
            known[post] = tuple(shown[-REMEMBERED:])
        observations += [
            Removal(RemoteId(remote_id))
            for remote_id in missing[:PROOFS_AT_ONCE]
            if not await self._stands(remote_id)
        ]
        _keep(missing[PROOFS_AT_ONCE:], before, turn, known)
        more = len(left) > len(turn)
        after = ThreadsCursor(known=known, done=(*before.done, *turn) if more else ())
        return Batch(oldest_first(observations), Cursor(after.model_dump_json()), more)

    async def _thread(
        self, post: str, us: Ourselves, observations: list[Observation]
    ) -> Sequence[str]:
        """Adds what the thread shows; returns its statuses, oldest first."""
        try:
            answer = await self._server.read(at("statuses", post, "/context"), scope=READ)
            context = entity(answer, Context)
            root = await self._root(post, context, us)
        except TargetGone:
            observations.append(Removal(RemoteId(post)))
            return ()
        statuses: list[Status] = []
        for one in map(status_in, context.descendants):
            if isinstance(one, Unsupported):
                observations.append(one)
            elif root.author_id == us.id or concerns(one, us):
                statuses.append(one)
        statuses.sort(key=moment_of)
        observations += [item(status, us, root) for status in statuses]
        return [status.id for status in statuses]

    async def _root(self, post: str, context: Context, us: Ourselves) -> Root:
        above = status_in(context.ancestors[0]) if context.ancestors else None
        if isinstance(above, Status):
            return root_of(above, us)
        return await self._roots.beginning(post, us)

    async def _stands(self, remote_id: str) -> bool:
        try:
            await self._server.read(at("statuses", remote_id), scope=READ)
        except TargetGone:
            return False
        return True


def _keep(
    unproved: Sequence[str],
    before: ThreadsCursor,
    turn: Sequence[str],
    known: dict[str, tuple[str, ...]],
) -> None:
    """What was not asked after yet is remembered, so that the next fetch does."""
    for post in turn:
        waiting = [one for one in before.known.get(post, ()) if one in set(unproved)]
        known[post] = (*waiting, *known[post])


def _cursor(since: Cursor | None) -> ThreadsCursor:
    try:
        return ThreadsCursor() if since is None else ThreadsCursor.model_validate_json(since)
    except ValidationError:
        return ThreadsCursor()
