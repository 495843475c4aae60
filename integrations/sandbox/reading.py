"""The sandbox API's comments as observations; each leaf of the foreign JSON is checked."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.errors import UnexpectedResponse
from bot.model.ids import Moment, RemoteId
from bot.model.item import ItemKind
from bot.model.network import (
    Identity,
    IncomingItem,
    Observation,
    RemoteAuthor,
    Removal,
    Unsupported,
)
from integrations.wire import Answer

_KEPT = 2_000


class _Foreign(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True)


class ForeignUser(_Foreign):
    id: str
    name: str
    handle: str
    role: str
    followers: int | None = None
    url: str = ""


class ForeignThread(_Foreign):
    id: str
    title: str


class ForeignComment(_Foreign):
    """A deleted one is a tombstone: its text is empty."""

    id: str
    post: ForeignThread
    parent: str | None
    author: ForeignUser
    text: str
    published_at: int
    deleted: bool
    key: str | None = None
    url: str


class ForeignPost(_Foreign):
    id: str
    text: str
    published_at: int
    deleted: bool
    key: str | None = None
    url: str


class ForeignReactions(_Foreign):
    published_at: int
    likes: int
    shares: int
    comments: int
    views: int


class Listing(_Foreign):
    account: str
    comments: list[dict[str, Any]]
    next_since: int
    has_more: bool


class PostListing(_Foreign):
    posts: list[ForeignPost]
    has_more: bool


M = TypeVar("M", bound=_Foreign)


def read_identity(answer: Answer) -> Identity:
    user = parse(ForeignUser, answer)
    return Identity(RemoteId(user.id), user.handle, user.name, user.url)


def read_listing(listing: Listing) -> tuple[Observation, ...]:
    """In the listing's order. UnexpectedResponse when not one comment can be read: the API has
    changed, and going on would leave everything behind unread.
    """
    observations = tuple(read_comment(comment) for comment in listing.comments)
    if observations and all(isinstance(seen, Unsupported) for seen in observations):
        raise UnexpectedResponse(
            "The sandbox network's comments look different from what it documents; nothing was "
            "skipped. The desk reads on when they can be understood again.",
            payload=json.dumps(listing.comments[0], ensure_ascii=False),
        )
    return observations


def read_comment(raw: object) -> Observation:
    """An item, a removal, or what cannot be understood."""
    try:
        comment = ForeignComment.model_validate(raw)
    except ValidationError:
        return unsupported("comment", raw)
    if comment.deleted:
        return Removal(RemoteId(comment.id))
    return _item(comment)


def unsupported(kind: str, raw: object) -> Unsupported:
    return Unsupported(kind[:80], json.dumps(raw, ensure_ascii=False)[:_KEPT])


def _item(comment: ForeignComment) -> IncomingItem:
    parent = comment.parent
    author = comment.author
    return IncomingItem(
        remote_id=RemoteId(comment.id),
        kind=ItemKind.COMMENT if parent is None else ItemKind.REPLY,
        author=RemoteAuthor(
            RemoteId(author.id), author.handle, author.name, author.url, author.followers
        ),
        text=comment.text,
        published_at=Moment(comment.published_at),
        permalink=comment.url,
        parent_remote_id=RemoteId(parent or comment.post.id),
        thread_remote_id=RemoteId(comment.post.id),
        thread_title=comment.post.title,
        by_us=author.role == "brand",
    )


def parse(model: type[M], answer: Answer) -> M:
    """UnexpectedResponse when the answer is not what the API documents."""
    try:
        # not pydantic's own parser: it refuses texts with half a surrogate pair, which exist
        return model.model_validate(json.loads(answer.body))
    except (ValueError, RecursionError) as error:
        raise UnexpectedResponse(
            f"The sandbox network answered {answer.status} with something else than its "
            "documents describe.",
            payload=answer.excerpt(),
        ) from error
