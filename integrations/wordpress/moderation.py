"""Hiding, spam and trash: acts that change nothing when they are repeated."""

from __future__ import annotations

from bot.errors import Rejected, TargetGone, UnexpectedResponse
from bot.model.moderation import ModerationAction
from integrations.wire import Answer
from integrations.wordpress.site import WordPressSite

_STATUS = {
    ModerationAction.HIDE: "hold",
    ModerationAction.UNHIDE: "approved",
    ModerationAction.SPAM: "spam",
}
_TRASHED = frozenset({ModerationAction.DELETE, ModerationAction.DELETE_OWN})
NO_LIKES = "WordPress has no likes."


async def moderate_comment(site: WordPressSite, action: ModerationAction, comment: int) -> None:
    """Hide puts it back to "pending", delete moves it to the trash (30 days, then for good)."""
    route = f"/wp/v2/comments/{comment}"
    if action in _STATUS:
        answer = await site.change("POST", route, {"status": _STATUS[action]})
        _require_status(answer, _STATUS[action])
    elif action in _TRASHED:
        await trash(site, route)
    else:
        raise Rejected(NO_LIKES)


async def trash(site: WordPressSite, route: str) -> None:
    """A comment or a post; one that is there already, or gone for good, is as it should be."""
    try:
        _require_status(await site.change("DELETE", route), "trash")
    except TargetGone:
        return


def _require_status(answer: Answer, wanted: str) -> None:
    told = answer.json()
    if not isinstance(told, dict) or told.get("status") != wanted:
        raise UnexpectedResponse(
            f'WordPress did not say that the comment is "{wanted}" now.', payload=answer.excerpt()
        )
