"""Liking, hiding replies below our own posts, and taking our own posts back.

Hiding is a list in our `threadgate` record of the thread; it is read, changed and written only
if nobody changed it in between. A hidden reply also leaves our notifications.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.errors import PermissionMissing, Rejected, TargetGone, Unavailable
from bot.model.moderation import ModerationAction
from bot.model.publication import ReplyTarget
from bot.ports import Clock
from integrations.bluesky.errors import RecordStands
from integrations.bluesky.lexicon import (
    LIKE,
    POST,
    THREADGATE,
    DeleteAnswer,
    WriteAnswer,
)
from integrations.bluesky.reading import iso
from integrations.bluesky.records import Records
from integrations.bluesky.syntax import AtUri, derived_tid
from integrations.bluesky.xrpc import Xrpc

HIDDEN_AT_MOST = 300


@dataclass(frozen=True, slots=True)
class _Gate:
    """A threadgate as it was read; `cid` None when there is none yet."""

    place: AtUri
    record: Mapping[str, Any]
    cid: str | None

    @property
    def hidden(self) -> list[str]:
        listed = self.record.get("hiddenReplies")
        return [str(uri) for uri in listed] if isinstance(listed, list) else []


class Moderator:
    def __init__(self, xrpc: Xrpc, records: Records, clock: Clock) -> None:
        self._xrpc = xrpc
        self._records = records
        self._clock = clock
        self._acts: Mapping[ModerationAction, Callable[[ReplyTarget], Awaitable[None]]] = {
            ModerationAction.LIKE: self._like,
            ModerationAction.UNLIKE: self._unlike,
            ModerationAction.HIDE: self._hide,
            ModerationAction.UNHIDE: self._unhide,
            ModerationAction.DELETE_OWN: self._delete_own,
        }

    async def moderate(self, action: ModerationAction, target: ReplyTarget, cannot: str) -> None:
        """`cannot` is the reason to give for an act that Bluesky does not have."""
        act = self._acts.get(action)
        if act is None:
            raise Rejected(cannot)
        await act(target)

    async def _like(self, target: ReplyTarget) -> None:
        session = await self._xrpc.session()
        subject = {"uri": str(target.remote_id), "cid": target.hints.get("cid", "")}
        record = {"$type": LIKE, "subject": subject, "createdAt": iso(self._clock.now())}
        try:
            await self._put(session.did, LIKE, _like_key(target), record, None)
        except RecordStands:
            return  # liked before: the key is made of the post liked

    async def _unlike(self, target: ReplyTarget) -> None:
        session = await self._xrpc.session()
        keys = {_like_key(target), await self._native_like(target, session.did)} - {""}
        for key in sorted(keys):
            await self._delete(session.did, LIKE, key)

    async def _native_like(self, target: ReplyTarget, did: str) -> str:
        """The key of a like that somebody of us gave in the app, or nothing."""
        viewer = await self._records.viewer(target.remote_id)
        if viewer is None or viewer.like is None:
            return ""
        try:
            uri = AtUri.parse(viewer.like)
        except ValueError:
            return ""
        return uri.key if (uri.repo, uri.collection) == (did, LIKE) else ""

    async def _hide(self, target: ReplyTarget) -> None:
        gate = await self._gate(target)
        hidden = gate.hidden
        if target.remote_id in hidden:
            return
        if len(hidden) >= HIDDEN_AT_MOST:
            raise Rejected(
                f"Bluesky keeps at most {HIDDEN_AT_MOST} hidden replies in one thread; "
                "show some of them again first."
            )
        await self._write_gate(gate, [*hidden, str(target.remote_id)])

    async def _unhide(self, target: ReplyTarget) -> None:
        gate = await self._gate(target)
        if target.remote_id in gate.hidden:
            rest = [uri for uri in gate.hidden if uri != target.remote_id]
            await self._write_gate(gate, rest)

    async def _delete_own(self, target: ReplyTarget) -> None:
        session = await self._xrpc.session()
        uri = _parsed(target.remote_id)
        if (uri.repo, uri.collection) != (session.did, POST):
            raise PermissionMissing(
                "Bluesky lets nobody delete what others wrote; hide it instead.", scope="owner"
            )
        await self._delete(session.did, POST, uri.key)

    async def _gate(self, target: ReplyTarget) -> _Gate:
        session = await self._xrpc.session()
        root = _parsed(target.hints.get("root_uri") or target.thread_remote_id)
        if root.repo != session.did:
            raise Rejected("Only replies below our own posts can be hidden on Bluesky.")
        place = AtUri(session.did, THREADGATE, root.key)
        try:
            found = await self._records.record(place)
        except TargetGone:
            record = {
                "$type": THREADGATE,
                "post": str(root),
                "createdAt": iso(self._clock.now()),
            }
            return _Gate(place, record, None)
        return _Gate(place, found.value, found.cid)

    async def _write_gate(self, gate: _Gate, hidden: list[str]) -> None:
        record = {**gate.record, "hiddenReplies": hidden}
        try:
            await self._put(gate.place.repo, THREADGATE, gate.place.key, record, gate.cid)
        except RecordStands as error:
            raise Unavailable(
                "The thread's list of hidden replies changed just now; nothing was changed."
            ) from error

    async def _put(
        self, did: str, collection: str, key: str, record: Mapping[str, Any], swap: str | None
    ) -> None:
        body = {
            "repo": did,
            "collection": collection,
            "rkey": key,
            "record": dict(record),
            "swapRecord": swap,
        }
        await self._xrpc.act("com.atproto.repo.putRecord", body, WriteAnswer)

    async def _delete(self, did: str, collection: str, key: str) -> None:
        body = {"repo": did, "collection": collection, "rkey": key}
        await self._xrpc.act("com.atproto.repo.deleteRecord", body, DeleteAnswer)


def _like_key(target: ReplyTarget) -> str:
    return derived_tid(f"like {target.remote_id}")


def _parsed(uri: str) -> AtUri:
    try:
        return AtUri.parse(uri)
    except ValueError as error:
        raise Rejected("This is not a post on Bluesky; nothing was changed.") from error
