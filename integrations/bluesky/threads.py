"""The leg that reads whole threads again: replies to replies, and what was deleted.

A reply that is no longer shown may be deleted, hidden, blocked or merely late in the index; its
absence from the thread proves nothing. So what a thread had at the last reading is remembered,
and whatever vanished is asked after by itself: only "record not found" is a removal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.errors import TargetGone
from bot.model.ids import RemoteId
from bot.model.network import Batch, Cursor, IncomingItem, Observation, Removal, Watch
from integrations.bluesky import reading
from integrations.bluesky.lexicon import ThreadAnswer
from integrations.bluesky.reading import Ourselves
from integrations.bluesky.records import Records
from integrations.bluesky.xrpc import Xrpc
from integrations.ordering import oldest_first

THREAD_DEPTH = 10
THREADS_AT_ONCE = 25
REMEMBERED = 40
"""Newest posts of one thread that are remembered, to notice when one is gone."""
PROOFS_AT_ONCE = 10
"""Vanished posts that one fetch asks after."""


class ThreadsCursor(BaseModel):
    model_config = ConfigDict(frozen=True)
    known: dict[str, tuple[str, ...]] = {}
    """Posts seen in each thread when it was last read."""


class Threads:
    def __init__(self, xrpc: Xrpc, records: Records) -> None:
        self._xrpc = xrpc
        self._records = records

    async def read(self, since: Cursor | None, watch: Watch, us: Ourselves) -> Batch:
        known = _known(since)
        seen: dict[str, tuple[str, ...]] = {}
        observations: list[Observation] = []
        missing: list[str] = []
        for root in watch.own_posts[:THREADS_AT_ONCE]:
            found = await self._thread(root, us)
            if found is None:
                missing.append(root)
                continue
            observations += found
            newest_last = [
                one.remote_id for one in oldest_first(found) if isinstance(one, IncomingItem)
            ]
            seen[root] = tuple(newest_last[-REMEMBERED:])
            missing += [uri for uri in known.get(root, ()) if uri not in set(newest_last)]
        for uri in missing[:PROOFS_AT_ONCE]:
            if not await self._records.stands(uri):
                observations.append(Removal(RemoteId(uri)))
        _keep(missing[PROOFS_AT_ONCE:], known, seen)
        return Batch(
            observations=oldest_first(observations),
            cursor=Cursor(ThreadsCursor(known=seen).model_dump_json()),
        )

    async def _thread(self, root: str, us: Ourselves) -> list[Observation] | None:
        params = [("uri", root), ("depth", str(THREAD_DEPTH)), ("parentHeight", "0")]
        try:
            answer = await self._xrpc.query("app.bsky.feed.getPostThread", params, ThreadAnswer)
        except TargetGone:
            return None
        views = [
            node["post"]
            for node in reading.thread_nodes(answer.thread)
            if isinstance(node.get("post"), dict)
        ]
        posts = [view for view in views if isinstance(view, dict)]
        roots = {root: reading.beginning(posts[0])} if posts else {}
        return [reading.post(view, us, roots) for view in posts] or None


def _known(since: Cursor | None) -> Mapping[str, tuple[str, ...]]:
    try:
        return {} if since is None else ThreadsCursor.model_validate_json(since).known
    except ValidationError:
        return {}


def _keep(
    unproved: Iterable[str],
    known: Mapping[str, tuple[str, ...]],
    seen: dict[str, tuple[str, ...]],
) -> None:
    """What vanished but was not asked after yet stays known, so that the next fetch asks."""
    for uri in unproved:
        for root, uris in known.items():
            if uri in uris and root in seen:
                seen[root] = (uri, *seen[root])
