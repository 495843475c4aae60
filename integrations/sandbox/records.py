"""What the sandbox network keeps: users, brand posts, comments, and the log of their changes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MAX_BRAND_TEXT = 500
"""Characters (code points) of what the brand may write."""
MAX_CUSTOMER_TEXT = 200_000
"""Customers may write far more: a desk must survive a very long comment."""


class Role(StrEnum):
    BRAND = "brand"
    CUSTOMER = "customer"


@dataclass(frozen=True, slots=True)
class User:
    """`hue` is one of twelve avatar colours, 0-11."""

    id: str
    name: str
    handle: str
    role: Role
    language: str
    followers: int
    hue: int


@dataclass(frozen=True, slots=True)
class Picture:
    """`id` is the sha256 of the uploaded bytes."""

    id: str
    alt: str


@dataclass(frozen=True, slots=True)
class Post:
    """One post of the brand; times are UTC milliseconds."""

    id: int
    text: str
    published_at: int
    pictures: tuple[Picture, ...] = ()
    key: str | None = None
    is_deleted: bool = False


@dataclass(frozen=True, slots=True)
class NewComment:
    """`at` None is now; `root_id` is the top comment of the thread that a reply stands in."""

    post_id: int
    author_id: str
    text: str
    parent_id: int | None = None
    root_id: int | None = None
    key: str | None = None
    at: int | None = None


@dataclass(frozen=True, slots=True)
class Comment:
    """`changed` is the number of its latest change: the cursor of the listing."""

    id: int
    post_id: int
    parent_id: int | None
    root_id: int | None
    author: User
    text: str
    published_at: int
    edited_at: int | None
    is_hidden: bool
    is_spam: bool
    is_deleted: bool
    is_liked: bool
    key: str | None
    changed: int
    post_text: str


class ChangeKind(StrEnum):
    CREATED = "comment.created"
    EDITED = "comment.edited"
    DELETED = "comment.deleted"
    HIDDEN = "comment.hidden"
    UNHIDDEN = "comment.unhidden"
    SPAM = "comment.spam"


@dataclass(frozen=True, slots=True)
class Change:
    """Number `number` of the network's life; `comment` is as it stands now."""

    number: int
    kind: ChangeKind
    comment: Comment


@dataclass(frozen=True, slots=True)
class Page:
    """Comments in the order of the listing; `latest` is the change that it shows up to."""

    comments: tuple[Comment, ...]
    latest: int
    has_more: bool = False


@dataclass(frozen=True, slots=True)
class PostView:
    """A post with its newest threads (top comment first, replies oldest first) and its count."""

    post: Post
    total: int
    threads: tuple[tuple[Comment, tuple[Comment, ...]], ...]


def clean(text: str) -> str:
    """What can be stored: lone surrogates replaced, outer white space removed."""
    return text.encode("utf-8", "replace").decode("utf-8").strip()
