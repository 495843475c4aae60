"""Planned posts: a title, paragraphs and pictures, found again by a slug minted from the key.

Pictures go to the media library first. They are linked from nowhere until the post stands, but
whoever guesses their address can see them: WordPress has no hidden uploads.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.errors import Rejected, UnexpectedResponse
from bot.model.draft import normalised
from bot.model.ids import Monotonic
from bot.model.publication import LengthReport, OutgoingText, Receipt, Staged, Visibility
from integrations.plain_text import escaped
from integrations.wordpress.reading import post_id
from integrations.wordpress.site import WordPressSite

MAX_BYTES = 1_000_000
"""Of the content as HTML. Ours, not WordPress's: its column holds far more."""

_TITLE_LENGTH = 120
_EXTENSIONS = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}


class Picture(BaseModel):
    model_config = ConfigDict(frozen=True)

    hash: str
    content_type: str
    alt: str

    @property
    def name(self) -> str:
        """The same picture with the same description always has the same name."""
        told = f"{self.hash}\0{self.alt}".encode("utf-8", "replace")
        return f"replydesk-{hashlib.sha256(told).hexdigest()[:24]}"

    @property
    def file_name(self) -> str:
        return f"{self.name}.{_EXTENSIONS.get(self.content_type, 'bin')}"


class PostRequest(BaseModel):
    """Format 1 of a post. `title` and `content` are HTML."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["post"] = "post"
    title: str
    content: str
    slug: str
    pictures: tuple[Picture, ...] = ()


class Uploaded(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    id: int = Field(gt=0)
    source_url: str


class _Post(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    id: int = Field(gt=0)
    link: str
    status: str

    @property
    def receipt(self) -> Receipt:
        visible = self.status == "publish"
        return Receipt(
            post_id(self.id), self.link, Visibility.VISIBLE if visible else Visibility.HELD
        )


def prepare_post(text: OutgoingText) -> tuple[dict[str, Any], LengthReport]:
    title, body = _title_and_body(normalised(text.text), text.options.get("title", ""))
    request = PostRequest(
        title=_inert(title),
        content=_paragraphs(body),
        slug=_slug(title, text.seed),
        pictures=tuple(
            Picture(hash=each.hash, content_type=each.content_type, alt=normalised(each.alt_text))
            for each in text.media
        ),
    )
    problem = "" if title else "There is no text to publish."
    if any(each.content_type not in _EXTENSIONS for each in text.media):
        problem = "WordPress takes pictures as PNG, JPEG, GIF or WebP."
    length = LengthReport(len(request.content.encode()), MAX_BYTES, "bytes", problem)
    return request.model_dump(mode="json"), length


async def publish_post(
    site: WordPressSite, request: PostRequest, staged: Staged | None, deadline: Monotonic
) -> Receipt:
    uploads = [_uploaded(staged, picture) for picture in request.pictures]
    figures = [
        _figure(upload, picture) for upload, picture in zip(uploads, request.pictures, strict=True)
    ]
    body: dict[str, Any] = {
        "title": {"raw": request.title},
        "content": {"raw": "\n".join([request.content, *figures])},
        "slug": request.slug,
        "status": "publish",
    }
    if uploads:
        body["featured_media"] = uploads[0].id
    return _post_in(await site.create("/wp/v2/posts", body, deadline=deadline)).receipt


async def find_post(site: WordPressSite, request: PostRequest) -> Receipt | None:
    """By its slug; in the trash WordPress adds a word to it."""
    found = await site.read(
        "/wp/v2/posts",
        [
            ("slug", f"{request.slug},{request.slug}__trashed"),
            ("status", "publish,future,draft,pending,private,trash"),
            ("context", "edit"),
            ("_fields", "id,link,status"),
        ],
    )
    if not isinstance(found, list):
        raise UnexpectedResponse(
            "WordPress answered with something that is not a list of posts.",
            payload=json.dumps(found)[:500],
        )
    return _post_in(found[0]).receipt if found else None


async def upload(site: WordPressSite, picture: Picture, data: bytes) -> dict[str, Any]:
    """Into the media library, unless the same picture with the same description is there.

    WordPress makes title and slug of the file's name.
    """
    found = await site.read("/wp/v2/media", [("slug", picture.name), ("_fields", "id,source_url")])
    if isinstance(found, list) and found:
        return _upload_in(found[0]).model_dump()
    params = [("alt_text", picture.alt)]
    answer = await site.upload(params, data, picture.content_type, picture.file_name)
    return _upload_in(answer).model_dump()


def _title_and_body(text: str, title: str) -> tuple[str, str]:
    """The option `title`, else a short first line with the rest below it, else the first words."""
    if title.strip():
        return title.strip(), text
    first, _, rest = text.partition("\n")
    if rest.strip() and len(first) <= _TITLE_LENGTH:
        return first.strip(), rest.strip()
    return _first_words(text), text


def _first_words(text: str) -> str:
    line = " ".join(text.split())
    if len(line) <= 60:
        return line
    cut = line[:60]
    return (cut.rsplit(" ", 1)[0] if " " in cut else cut) + "…"


def _inert(text: str) -> str:
    """Neither HTML nor one of WordPress's `[shortcodes]`."""
    return escaped(text).replace("[", "&#91;").replace("]", "&#93;")


def _paragraphs(text: str) -> str:
    blocks = (block.strip() for block in re.split(r"\n\s*\n", text))
    return "\n".join(
        f"<p>{_inert(block).replace(chr(10), '<br>')}</p>" for block in blocks if block
    )


def _figure(uploaded: Uploaded, picture: Picture) -> str:
    source, alt = html.escape(uploaded.source_url), html.escape(picture.alt)
    return f'<figure class="wp-block-image"><img src="{source}" alt="{alt}"></figure>'


def _slug(title: str, seed: bytes) -> str:
    """Readable where the title allows it, and unique by the key."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    words = "-".join(re.findall(r"[a-z0-9]+", plain))[:60].strip("-")
    return f"{words}-{seed.hex()[:16]}".strip("-")


def _uploaded(staged: Staged | None, picture: Picture) -> Uploaded:
    refs: Mapping[str, Any] = staged.refs if staged else {}
    if picture.hash not in refs:
        raise Rejected("A picture was not uploaded before the post. Approve the post again.")
    return _upload_in(refs[picture.hash])


def _upload_in(answer: Any) -> Uploaded:
    try:
        return Uploaded.model_validate(answer)
    except ValidationError as error:
        raise UnexpectedResponse(
            "WordPress took the picture but did not say where it is.",
            payload=json.dumps(answer)[:500],
        ) from error


def _post_in(answer: Any) -> _Post:
    try:
        return _Post.model_validate(answer)
    except ValidationError as error:
        raise UnexpectedResponse(
            "WordPress accepted the post but did not say which it is; the desk looks for it.",
            payload=json.dumps(answer)[:500],
        ) from error
