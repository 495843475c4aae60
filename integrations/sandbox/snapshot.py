"""What the pane shows at one moment, as JSON."""

from __future__ import annotations

from typing import Any

from integrations.sandbox.control import Controls
from integrations.sandbox.faults import Faults
from integrations.sandbox.network import SandboxNetwork
from integrations.sandbox.personas import PERSONAS
from integrations.sandbox.records import Comment, PostView, User
from integrations.sandbox.rendering import comment_name, post_name

MAX_SHOWN = 2_000
"""Characters of a comment that the pane shows; the API gives all."""


async def snapshot(
    network: SandboxNetwork, faults: Faults, controls: Controls, focus: int | None
) -> dict[str, Any]:
    """`focus` is a comment that must be among the shown, however old."""
    views = await network.views(focus)
    return {
        "version": network.version,
        "now": network.now(),
        "brand": _user(network.brand),
        "personas": [_user(persona) for persona in PERSONAS],
        "posts": [_post(view) for view in views],
        "faults": faults.to_json(),
        "viral": controls.is_viral,
    }


def _user(user: User) -> dict[str, Any]:
    return {
        "id": user.id,
        "name": user.name,
        "handle": user.handle,
        "role": user.role,
        "language": user.language,
        "followers": user.followers,
        "hue": user.hue,
    }


def _post(view: PostView) -> dict[str, Any]:
    return {
        "id": post_name(view.post.id),
        "text": view.post.text,
        "published_at": view.post.published_at,
        "pictures": [{"id": picture.id, "alt": picture.alt} for picture in view.post.pictures],
        "total": view.total,
        "threads": [
            {**_comment(root), "replies": [_comment(reply) for reply in replies]}
            for root, replies in view.threads
            if not root.is_deleted or any(not reply.is_deleted for reply in replies)
        ],
    }


def _comment(comment: Comment) -> dict[str, Any]:
    return {
        "id": comment_name(comment.id),
        "author": _user(comment.author),
        "text": comment.text[:MAX_SHOWN] + ("…" if len(comment.text) > MAX_SHOWN else ""),
        "published_at": comment.published_at,
        "edited": comment.edited_at is not None,
        "hidden": comment.is_hidden,
        "spam": comment.is_spam,
        "deleted": comment.is_deleted,
        "liked": comment.is_liked,
    }
