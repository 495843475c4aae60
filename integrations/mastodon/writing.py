"""Writing a status: frozen by `prepare`, sent once by `publish`.

The `Idempotency-Key` is minted from the approval's seed. Mastodon keeps it for an hour and gives
the same status for the same key; GoToSocial and old servers ignore it. One cannot know which one
talks to, so the key is only the second safeguard: after a lost answer the desk looks first
(`finding.py`).
"""

from __future__ import annotations

import hashlib
import re
import uuid
from typing import Any

from pydantic import BaseModel, ConfigDict

from bot.errors import Unavailable
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
from integrations.mastodon.counting import counted, names_in
from integrations.mastodon.entities import Configuration, Status
from integrations.mastodon.reading import permalink
from integrations.mastodon.server import MastodonServer
from integrations.mastodon.settings import Audience

NAME = NetworkName("mastodon")
FORMAT = 1
_ACCT = re.compile(r"\w(?:[\w.-]*\w)?(?:@[\w.:-]*\w)?")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_WIDEST_FIRST = tuple(Audience)


class Picture(BaseModel):
    model_config = ConfigDict(frozen=True)
    hash: str
    type: str
    alt: str


class StatusRequest(BaseModel):
    """Format 1. `parent` is empty for a post; `at` is the approval or the slot, in UTC
    milliseconds: nothing that was written before it is ours.
    """

    model_config = ConfigDict(frozen=True)

    status: str
    at: int
    visibility: Audience
    parent: str = ""
    language: str = ""
    spoiler_text: str = ""
    media: tuple[Picture, ...] = ()

    def body(self, media_ids: list[str]) -> dict[str, Any]:
        """The JSON of `POST /api/v1/statuses`."""
        body: dict[str, Any] = {"status": self.status, "visibility": self.visibility.value}
        if self.parent:
            body["in_reply_to_id"] = self.parent
        if self.language:
            body["language"] = self.language
        if self.spoiler_text:
            body["spoiler_text"] = self.spoiler_text
        if media_ids:
            body["media_ids"] = media_ids
        return body


def prepare(text: OutgoingText, limits: Configuration, default: Audience) -> Prepared:
    words = _clean(text.text)
    request = StatusRequest(
        status=_addressed(words, text.target) if text.target else words,
        at=text.at,
        visibility=_audience(text, default),
        parent=text.target.remote_id if text.target else "",
        language=text.language if _LANGUAGE.fullmatch(text.language) else "",
        spoiler_text=_clean(text.options.get("spoiler_text", "")),
        media=tuple(
            Picture(hash=one.hash, type=one.content_type, alt=_clean(one.alt_text))
            for one in text.media
        ),
    )
    seed = hashlib.sha256(str(text.at).encode() + b" " + text.seed).digest()
    reserved = limits.statuses.characters_reserved_per_url
    used = counted(request.status, reserved) + counted(request.spoiler_text, reserved)
    length = LengthReport(
        used, limits.statuses.max_characters, "characters", _problem(words, text, limits)
    )
    key = str(uuid.UUID(bytes=seed[:16], version=4))
    return Prepared(NAME, FORMAT, request.model_dump(mode="json"), key, length)


def request_in(prepared: Prepared) -> StatusRequest:
    """Every format that was ever written; so far there is one."""
    return StatusRequest.model_validate(dict(prepared.request))


async def publish(
    server: MastodonServer, prepared: Prepared, staged: Staged | None, deadline: Monotonic
) -> Receipt:
    request = request_in(prepared)
    body = request.body(_media_ids(request, staged))
    return receipt_of(await server.create_status(body, prepared.key, deadline))


def receipt_of(status: Status) -> Receipt:
    return Receipt(remote_id=RemoteId(status.id), permalink=permalink(status))


def _media_ids(request: StatusRequest, staged: Staged | None) -> list[str]:
    refs = staged.refs if staged else {}
    if any(picture.hash not in refs for picture in request.media):
        raise Unavailable("The pictures are not uploaded yet; nothing was sent.")
    return [str(refs[picture.hash]["id"]) for picture in request.media]


def _clean(text: str) -> str:
    """Control characters are invisible, and a NUL makes servers fail."""
    return _CONTROLS.sub("", normalised(text).replace("\r\n", "\n").replace("\r", "\n")).strip()


def _addressed(words: str, target: ReplyTarget) -> str:
    """Whoever is answered is told so only when named."""
    acct = target.hints.get("acct", "")
    if not words or not _ACCT.fullmatch(acct):
        return words
    if names_in(words) & {acct.lower(), target.author_handle.lower()}:
        return words
    return f"@{acct} {words}"


def _audience(text: OutgoingText, default: Audience) -> Audience:
    """What was asked for, but never wider than what is answered; what is unknown is not wide."""
    wanted = text.options.get("visibility", "")
    chosen = Audience(wanted) if wanted in set(Audience) else default
    if text.target is None:
        return chosen
    parent = text.target.hints.get("visibility", default.value)
    limit = Audience(parent) if parent in set(Audience) else Audience.DIRECT
    return max(chosen, limit, key=_WIDEST_FIRST.index)


def _problem(words: str, text: OutgoingText, limits: Configuration) -> str:
    """What is wrong with it beside its length; empty when nothing is."""
    pictures = limits.statuses.max_media_attachments
    types = limits.media_attachments.supported_mime_types
    size = limits.media_attachments.image_size_limit
    if not words and not text.media:
        return "There is no text yet; write one."
    if len(text.media) > pictures:
        return f"This Mastodon server shows at most {pictures} pictures in one post; remove some."
    if any(one.size > size for one in text.media):
        return f"This Mastodon server takes pictures of at most {size // 1_000_000} MB."
    if types and any(one.content_type not in types for one in text.media):
        return "This Mastodon server does not take pictures of this kind; use PNG or JPEG."
    return ""
