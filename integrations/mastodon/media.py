"""Pictures on their way into a status: uploaded before it, seen by nobody until it carries them.

A server may still be at work on a picture (202, then 206; with Mastodon only for moving ones).
Then the desk comes again later; meanwhile the upload is remembered, so that coming again asks
after it instead of uploading anew (Mastodon allows 30 uploads in 30 minutes).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from bot.errors import TargetGone, Unavailable
from bot.model.publication import Prepared, Staged
from integrations.mastodon.entities import Attachment, entity
from integrations.mastodon.server import MastodonServer, at
from integrations.mastodon.writing import Picture, request_in
from integrations.wire import Answer

REMEMBERED = 100


@dataclass(frozen=True, slots=True)
class Upload:
    media_id: str
    is_ready: bool


class Uploads:
    def __init__(self, server: MastodonServer) -> None:
        self._server = server
        self._waiting: OrderedDict[tuple[str, str], Upload] = OrderedDict()
        """(publication's key, picture's hash) -> an upload that nothing carries yet."""

    async def stage(self, prepared: Prepared, media: Sequence[bytes]) -> Staged:
        pictures = request_in(prepared).media
        refs = {}
        for picture, data in zip(pictures, media, strict=True):
            known = self._waiting.get((prepared.key, picture.hash))
            if known is None:
                answer = await self._server.upload(data, picture.type, picture.alt)
            else:
                answer = await self._ask(prepared.key, picture, known)
            refs[picture.hash] = {"id": self._remember(prepared.key, picture, answer)}
        self._require_ready(prepared)
        for picture in pictures:
            self._waiting.pop((prepared.key, picture.hash), None)
        return Staged(refs)

    async def _ask(self, key: str, picture: Picture, known: Upload) -> Answer:
        try:
            return await self._server.read(at("media", known.media_id), scope="write:media")
        except TargetGone as error:
            self._waiting.pop((key, picture.hash), None)
            raise Unavailable(
                "The Mastodon server lost an uploaded picture; it is uploaded again soon."
            ) from error

    def _remember(self, key: str, picture: Picture, answer: Answer) -> str:
        attachment = entity(answer, Attachment)
        is_ready = answer.status == 200 and attachment.url is not None
        self._waiting[key, picture.hash] = Upload(attachment.id, is_ready)
        while len(self._waiting) > REMEMBERED:
            self._waiting.popitem(last=False)
        return attachment.id

    def _require_ready(self, prepared: Prepared) -> None:
        uploads = [
            self._waiting[prepared.key, picture.hash] for picture in request_in(prepared).media
        ]
        if not all(upload.is_ready for upload in uploads):
            raise Unavailable(
                "The Mastodon server is still processing a picture; it is asked again soon."
            )
