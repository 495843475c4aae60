"""Likes, and taking our own statuses back: acts that change nothing when they are repeated."""

from __future__ import annotations

from bot.errors import PermissionMissing, Rejected, TargetGone
from bot.model.moderation import ModerationAction
from bot.model.network import Capability
from bot.model.publication import ReplyTarget
from integrations.mastodon.roots import READ
from integrations.mastodon.server import MastodonServer, at

CANNOT = {
    Capability.HIDE: "Mastodon lets nobody hide answers below a post; mute or block the person "
    "in the app.",
    Capability.SPAM: "Mastodon has no spam folder; report the post in the app.",
    Capability.DELETE: "Mastodon lets nobody delete what others wrote; report it in the app.",
}
_LIKES = {ModerationAction.LIKE: "/favourite", ModerationAction.UNLIKE: "/unfavourite"}
_NEEDED = {
    ModerationAction.HIDE: Capability.HIDE,
    ModerationAction.UNHIDE: Capability.HIDE,
    ModerationAction.SPAM: Capability.SPAM,
    ModerationAction.DELETE: Capability.DELETE,
}


async def moderate(server: MastodonServer, action: ModerationAction, target: ReplyTarget) -> None:
    """Rejected with the reason for an act that Mastodon does not have."""
    if action in _LIKES:
        path = at("statuses", target.remote_id, _LIKES[action])
        await server.act("POST", path, scope="write:favourites")
    elif action is ModerationAction.DELETE_OWN:
        await _delete(server, target.remote_id)
    else:
        raise Rejected(CANNOT[_NEEDED[action]])


async def _delete(server: MastodonServer, remote_id: str) -> None:
    """Gone already is done, but Mastodon says the same of what belongs to others."""
    path = at("statuses", remote_id)
    try:
        await server.act("DELETE", path, scope="write:statuses")
        return
    except TargetGone:
        pass
    try:
        await server.read(path, scope=READ)
    except TargetGone:
        return
    raise PermissionMissing(
        "The Mastodon server does not let us delete this, because we did not write it.",
        scope="author",
    )
