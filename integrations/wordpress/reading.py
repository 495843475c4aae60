"""Comments as WordPress tells them -> items. Pure; each leaf of foreign JSON is checked.

Relied on: https://developer.wordpress.org/rest-api/reference/comments/ with `context=edit`.
Remote ids carry what they name (`comment:31`, `post:7`), because WordPress numbers comments and
posts each from one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.errors import UnexpectedResponse
from bot.model.ids import SECOND, Moment, RemoteId
from bot.model.item import ItemKind
from bot.model.network import (
    Identity,
    IncomingItem,
    Observation,
    RemoteAuthor,
    Removal,
    Unsupported,
)
from bot.model.publication import Receipt, Visibility
from integrations.plain_text import plain_text

COMMENT_FIELDS = (
    "id,post,parent,author,author_name,author_email,author_url,date_gmt,content,link,status,type"
)
_SHOWN = frozenset({"approved", "hold"})
_GONE = frozenset({"spam", "trash", "post-trashed"})
_TITLE_LENGTH = 200


class _Foreign(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Text(_Foreign):
    rendered: str = ""
    raw: str | None = None

    @property
    def plain(self) -> str:
        """What readers see. The raw form is nearer to what was typed: in it a line is a line."""
        if self.raw is None:
            return plain_text(self.rendered)
        return plain_text(self.raw.replace("\r\n", "\n").replace("\n", "<br>"))


class _Parent(_Foreign):
    """The post, where WordPress would embed it; otherwise an error with none of these."""

    title: Text = Text()


class _Embedded(_Foreign):
    up: tuple[_Parent, ...] = ()


class Comment(_Foreign):
    id: int = Field(gt=0)
    post: int = Field(ge=0)
    parent: int = Field(default=0, ge=0)
    author: int = Field(default=0, ge=0)
    author_name: str = ""
    author_email: str = ""
    author_url: str = ""
    date_gmt: datetime
    content: Text
    link: str
    status: str
    type: str = "comment"
    embedded: _Embedded = Field(default=_Embedded(), alias="_embedded")

    @property
    def remote_id(self) -> RemoteId:
        return comment_id(self.id)

    @property
    def written_at(self) -> Moment:
        return moment_of(self.date_gmt)

    @property
    def is_gone(self) -> bool:
        return self.status in _GONE

    @property
    def digest(self) -> str:
        """Changes when the text, or whether it stands, does."""
        told = f"{'gone' if self.is_gone else 'stands'}\0{self.content.plain}"
        return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row that is not what WordPress documents, as a plugin may make it."""

    id: int
    payload: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.payload.encode()).hexdigest()[:12]


Row = Comment | Unreadable


class Me(_Foreign):
    id: int = Field(gt=0)
    name: str
    slug: str = ""
    link: str = ""
    capabilities: Mapping[str, bool] = {}

    @property
    def identity(self) -> Identity:
        return Identity(user_id(self.id), self.slug or self.name, self.name, self.link)


def comment_id(number: int) -> RemoteId:
    return RemoteId(f"comment:{number}")


def post_id(number: int) -> RemoteId:
    return RemoteId(f"post:{number}")


def user_id(number: int) -> RemoteId:
    return RemoteId(f"user:{number}")


def number_of(kind: str, remote_id: RemoteId) -> int | None:
    """31 of `comment:31`, or None when it names something else."""
    found, _, number = remote_id.partition(":")
    return int(number) if found == kind and number.isascii() and number.isdigit() else None


def moment_of(when: datetime) -> Moment:
    """WordPress writes GMT without saying so."""
    aware = when if when.tzinfo else when.replace(tzinfo=UTC)
    return Moment(int(aware.timestamp() * SECOND))


def rows_in(page: Any) -> tuple[Row, ...]:
    """The rows of a page; what cannot be read as a comment stays a row, by its id."""
    if not isinstance(page, list):
        raise UnexpectedResponse(
            "WordPress answered with something that is not a list of comments.",
            payload=json.dumps(page)[:500],
        )
    return tuple(_row(entry) for entry in page)


def _row(entry: Any) -> Row:
    try:
        return Comment.model_validate(entry)
    except ValidationError:
        number = entry.get("id") if isinstance(entry, dict) else None
        return Unreadable(number if isinstance(number, int) else 0, json.dumps(entry))


def me_in(answer: Any) -> Me:
    try:
        return Me.model_validate(answer)
    except ValidationError as error:
        raise UnexpectedResponse(
            "WordPress did not say who its user is. Check that url is the site's address.",
            payload=json.dumps(answer)[:500],
        ) from error


def receipt_in(answer: Any) -> Receipt:
    """The receipt of a comment that WordPress says it has made."""
    try:
        return receipt_of(Comment.model_validate(answer))
    except ValidationError as error:
        raise UnexpectedResponse(
            "WordPress accepted the comment but did not say which it is; the desk looks for it.",
            payload=json.dumps(answer)[:500],
        ) from error


def receipt_of(comment: Comment) -> Receipt:
    held = comment.status != "approved"
    return Receipt(comment.remote_id, comment.link, Visibility.HELD if held else Visibility.VISIBLE)


def observe(comment: Row, me: int) -> Observation:
    """A comment as an item, a removal, or (a pingback, a plugin's own status) unsupported."""
    if isinstance(comment, Unreadable):
        return Unsupported("unreadable comment", comment.payload)
    if comment.type != "comment":
        return Unsupported(f"comment type {comment.type}", str(comment.id))
    if comment.is_gone:
        return Removal(comment.remote_id)
    if comment.status not in _SHOWN:
        return Unsupported(f"comment status {comment.status}", str(comment.id))
    return IncomingItem(
        remote_id=comment.remote_id,
        kind=ItemKind.REPLY if comment.parent else ItemKind.COMMENT,
        author=_author(comment),
        text=comment.content.plain,
        published_at=comment.written_at,
        permalink=comment.link,
        parent_remote_id=comment_id(comment.parent) if comment.parent else None,
        thread_remote_id=post_id(comment.post),
        thread_title=_title(comment),
        by_us=comment.author == me,
        hints={"status": comment.status},
    )


def _title(comment: Comment) -> str:
    title = comment.embedded.up[0].title.plain if comment.embedded.up else ""
    return title[:_TITLE_LENGTH]


def _author(comment: Comment) -> RemoteAuthor:
    """A guest is known by a hash of the address they gave; the address itself goes no further."""
    name = plain_text(comment.author_name) or "Anonymous"
    if comment.author:
        return RemoteAuthor(user_id(comment.author), name, name, comment.author_url)
    known_by = comment.author_email.strip().casefold() or f"name {name.casefold()}"
    digest = hashlib.sha256(known_by.encode("utf-8", "replace")).hexdigest()[:16]
    return RemoteAuthor(RemoteId(f"guest:{digest}"), name, name, comment.author_url)
