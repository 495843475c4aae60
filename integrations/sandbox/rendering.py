"""The sandbox network's records as the JSON of its API and webhooks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from integrations.sandbox.faults import Drift
from integrations.sandbox.network import SandboxNetwork
from integrations.sandbox.records import Comment, Page, Post, Role, User

_TITLE = 80


def comment_name(comment_id: int) -> str:
    return f"c{comment_id}"


def post_name(post_id: int) -> str:
    return f"p{post_id}"


def number_of(name: str, kind: str) -> int | None:
    """`c12` -> 12 for kind `c`; None when it is no such name."""
    digits = name[1:]
    is_number = digits.isascii() and digits.isdigit() and len(digits) <= 15
    return int(digits) if name[:1] == kind and is_number else None


def user_json(user: User) -> dict[str, Any]:
    return {
        "id": user.id,
        "name": user.name,
        "handle": user.handle,
        "role": user.role,
        "followers": user.followers,
    }


def comment_json(
    network: SandboxNetwork, comment: Comment, drift: Drift = Drift.NONE
) -> dict[str, Any]:
    """A comment; a deleted one is a tombstone that has lost its text."""
    name = comment_name(comment.id)
    return {
        "id": name,
        "post": {"id": post_name(comment.post_id), "title": _title(comment.post_text)},
        "parent": None if comment.parent_id is None else comment_name(comment.parent_id),
        "author": user_json(comment.author),
        ("body" if drift is Drift.RENAMED_FIELD else "text"): comment.text,
        "published_at": comment.published_at,
        "edited_at": comment.edited_at,
        "hidden": comment.is_hidden,
        "spam": comment.is_spam,
        "deleted": comment.is_deleted,
        "liked": comment.is_liked,
        "key": comment.key,
        "url": f"{network.public_url}#{name}",
    }


def news_json(network: SandboxNetwork, page: Page, drift: Drift) -> dict[str, Any]:
    """A page of what is new, with the brand's own writing only where it is echoed."""
    told = tuple(comment for comment in page.comments if is_news(network, comment))
    return page_json(network, replace(page, comments=told), drift)


def is_news(network: SandboxNetwork, comment: Comment) -> bool:
    return (network.echoes and network.shows_own) or not _is_ours(comment)


def _is_ours(comment: Comment) -> bool:
    return comment.author.role is Role.BRAND


def page_json(network: SandboxNetwork, page: Page, drift: Drift) -> dict[str, Any]:
    return {
        "account": network.brand.id,
        "comments": [
            comment_json(network, comment, drift)
            for comment in page.comments
            if network.shows_own or not _is_ours(comment)
        ],
        "next_since": page.latest,
        "has_more": page.has_more,
    }


def post_json(network: SandboxNetwork, post: Post) -> dict[str, Any]:
    name = post_name(post.id)
    return {
        "id": name,
        "text": post.text,
        "published_at": post.published_at,
        "media": [{"id": picture.id, "alt": picture.alt} for picture in post.pictures],
        "deleted": post.is_deleted,
        "key": post.key,
        "url": f"{network.public_url}#{name}",
    }


def _title(text: str) -> str:
    line = text.split("\n", 1)[0]
    return line if len(line) <= _TITLE else line[: _TITLE - 1].rstrip() + "…"
