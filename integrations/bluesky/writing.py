"""Writing a post: frozen by `prepare`, sent once by `publish`, proved by `find`.

The record key is a TID of our own, minted at approval, and the write is `putRecord` with
`swapRecord: null` ("only if nothing is there"). The same body sent again changes nothing and is
answered 200; another body is answered `InvalidSwap`. (`createRecord` with a used key is a 500.)
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.errors import CannotTell, Rejected, TargetGone, Unavailable, UnexpectedResponse
from bot.model.draft import normalised
from bot.model.ids import Monotonic, NetworkName, RemoteId
from bot.model.publication import (
    LengthReport,
    OutgoingText,
    Prepared,
    Receipt,
    ReplyTarget,
    Staged,
)
from integrations.bluesky.characters import characters_in
from integrations.bluesky.facets import facets_of
from integrations.bluesky.lexicon import POST, Raw
from integrations.bluesky.reading import iso, permalink
from integrations.bluesky.records import Records
from integrations.bluesky.session import Session
from integrations.bluesky.syntax import AtUri, is_did, mint_tid
from integrations.bluesky.xrpc import Xrpc

FORMAT = 1
GRAPHEMES = 300
BYTES = 3_000
PICTURES = 4
PICTURE_BYTES = 2_000_000
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


def prepare(text: OutgoingText) -> Prepared:
    """The record as it will stand, without its repository and the uploaded pictures."""
    words = normalised(text.text)
    key = mint_tid(text.at, text.seed)
    record: dict[str, Any] = {"$type": POST, "text": words, "createdAt": iso(text.at)}
    if _LANGUAGE.fullmatch(text.language):
        record["langs"] = [text.language]
    facets = facets_of(words, _dids(text))
    if facets:
        record["facets"] = facets
    if text.target is not None:
        record["reply"] = _reply(text.target)
    media = [
        {"hash": picture.hash, "type": picture.content_type, "alt": normalised(picture.alt_text)}
        for picture in text.media
    ]
    return Prepared(
        connector=NetworkName("bluesky"),
        format=FORMAT,
        request={"collection": POST, "rkey": key, "record": record, "media": media},
        key=key,
        length=LengthReport(characters_in(words), GRAPHEMES, "characters", _problem(words, text)),
    )


def _dids(text: OutgoingText) -> Mapping[str, str]:
    return {
        mention.handle.lower(): mention.remote_id
        for mention in text.mentions
        if is_did(mention.remote_id)
    }


def _reply(target: ReplyTarget) -> dict[str, Any]:
    parent = {"uri": str(target.remote_id), "cid": target.hints.get("cid", "")}
    if "root_uri" not in target.hints:
        return {"root": parent, "parent": parent}
    root = {"uri": target.hints["root_uri"], "cid": target.hints.get("root_cid", "")}
    return {"root": root, "parent": parent}


def _problem(words: str, text: OutgoingText) -> str:
    """What is wrong with it beside its length in characters; empty when nothing is."""
    size = len(words.encode())
    if size > BYTES:
        return f"Bluesky takes at most {BYTES} bytes and this text has {size}; shorten it."
    if not words and not text.media:
        return "There is no text yet; write one."
    if len(text.media) > PICTURES:
        return f"Bluesky shows at most {PICTURES} pictures in one post; remove some."
    if any(picture.size > PICTURE_BYTES for picture in text.media):
        return "Bluesky takes pictures of at most 2 MB; use a smaller one."
    if text.target is not None and not text.target.hints.get("cid"):
        return "The post to answer is not known well enough yet; wait for the next reading of it."
    return ""


class Writer:
    def __init__(self, xrpc: Xrpc, records: Records, app: str) -> None:
        self._xrpc = xrpc
        self._records = records
        self._app = app

    async def stage(self, prepared: Prepared, media: Sequence[bytes]) -> Staged:
        refs: dict[str, Any] = {}
        for picture, data in zip(prepared.request["media"], media, strict=True):
            refs[picture["hash"]] = (await self._xrpc.upload(data, picture["type"])).blob
        return Staged(refs)

    async def publish(
        self, prepared: Prepared, staged: Staged | None, deadline: Monotonic
    ) -> Receipt:
        record = _with_pictures(prepared, staged)
        if "reply" in record:
            await self._check_parent(record["reply"]["parent"]["uri"])
        session = await self._xrpc.session()
        body = {
            "repo": session.did,
            "collection": prepared.request["collection"],
            "rkey": prepared.request["rkey"],
            "record": record,
            "swapRecord": None,
        }
        written = await self._xrpc.write_once(session, "com.atproto.repo.putRecord", body, deadline)
        place = _place(prepared, session)
        if written.uri != str(place):
            raise UnexpectedResponse(
                "Bluesky says that it put the text somewhere else than asked.", payload=written.uri
            )
        return self._receipt(place, session)

    async def find(self, prepared: Prepared) -> Receipt | None:
        """Our own repository is the truth: the record stands under its key, or it does not."""
        session = await self._xrpc.session()
        place = _place(prepared, session)
        try:
            found = await self._records.record(place)
        except TargetGone:
            return None
        if not _is_same(found.value, prepared.request["record"]):
            raise CannotTell(
                "Another text stands on Bluesky under the key of this one; please look there."
            )
        return self._receipt(place, session)

    async def _check_parent(self, uri: str) -> None:
        """The data server takes replies to anything: what is gone or closed is found here."""
        viewer = await self._records.viewer(uri)
        if viewer is not None:
            if viewer.reply_disabled:
                raise Rejected("The thread is closed: its author does not let us reply.")
            return
        if await self._records.stands(uri):
            raise Rejected(
                "Bluesky does not show us the post to answer: its author may have blocked us."
            )
        raise TargetGone("The post to answer was deleted on Bluesky; nothing was sent.")

    def _receipt(self, place: AtUri, session: Session) -> Receipt:
        return Receipt(
            remote_id=RemoteId(str(place)),
            permalink=permalink(self._app, session.handle, place),
        )


def _place(prepared: Prepared, session: Session) -> AtUri:
    return AtUri(session.did, prepared.request["collection"], prepared.request["rkey"])


def _with_pictures(prepared: Prepared, staged: Staged | None) -> dict[str, Any]:
    record = dict(prepared.request["record"])
    media = prepared.request["media"]
    if not media:
        return record
    refs = staged.refs if staged else {}
    if any(picture["hash"] not in refs for picture in media):
        raise Unavailable("The pictures are not uploaded yet; nothing was sent.")
    record["embed"] = {
        "$type": "app.bsky.embed.images",
        "images": [{"image": refs[one["hash"]], "alt": one["alt"]} for one in media],
    }
    return record


def _is_same(found: Raw, frozen: Mapping[str, Any]) -> bool:
    return all(found.get(leaf) == frozen.get(leaf) for leaf in ("text", "createdAt", "reply"))
