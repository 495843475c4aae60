"""Replies: frozen at approval, written by one request, found again by reading back.

WordPress refuses the identical comment of one author under one parent with 409, which helps but
proves nothing: a text with a backslash is accepted twice (seen on 6.1.9), and 409 may speak of a
reply that was made long before this one. So a reply is looked for among our own answers to the
same comment: same words, and not older than the approval.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from bot.errors import ConnectorError, OutcomeUnknown, Rejected, TargetGone
from bot.model.draft import normalised
from bot.model.ids import MINUTE, Monotonic
from bot.model.publication import LengthReport, OutgoingText, Receipt
from integrations.plain_text import escaped, plain_text
from integrations.wordpress.errors import TwinStands
from integrations.wordpress.reading import (
    COMMENT_FIELDS,
    Comment,
    number_of,
    receipt_in,
    receipt_of,
    rows_in,
)
from integrations.wordpress.site import WordPressSite

MAX_BYTES = 65_525
"""Of the text as HTML: the column that holds it in the database."""

_SKEW = 2 * MINUTE
"""How far the site's clock may be behind ours."""


class ReplyRequest(BaseModel):
    """Format 1 of a reply. `content` is HTML, `at` the moment of approval."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["reply"] = "reply"
    post: int
    parent: int
    content: str
    at: int


def prepare_reply(text: OutgoingText) -> tuple[dict[str, Any], LengthReport]:
    assert text.target is not None
    parent = number_of("comment", text.target.remote_id)
    post = number_of("post", text.target.thread_remote_id)
    content = escaped(normalised(text.text)).strip()
    request = ReplyRequest(post=post or 0, parent=parent or 0, content=content, at=text.at)
    problem = ""
    if not content:
        problem = "There is no text to publish."
    elif not post or not parent:
        problem = "This is not a WordPress comment, so it cannot be answered there."
    elif text.media:
        problem = "A WordPress comment cannot carry pictures."
    length = LengthReport(len(content.encode()), MAX_BYTES, "bytes", problem)
    return request.model_dump(), length


async def publish_reply(
    site: WordPressSite, me: int, request: ReplyRequest, deadline: Monotonic
) -> Receipt:
    await _require_parent(site, request.parent, deadline)
    body = {
        "post": request.post,
        "parent": request.parent,
        "content": {"raw": request.content},
    }
    try:
        answer = await site.create("/wp/v2/comments", body, deadline=deadline)
    except TwinStands as error:
        raise await _judge_twin(site, me, request) from error
    return receipt_in(answer)


async def find_reply(site: WordPressSite, me: int, request: ReplyRequest) -> Receipt | None:
    twins = await _twins(site, me, request)
    ours = [twin for twin in twins if twin.written_at >= request.at - _SKEW]
    # The first that was made is the one that was asked for.
    return receipt_of(min(ours, key=lambda twin: twin.id)) if ours else None


async def _judge_twin(site: WordPressSite, me: int, request: ReplyRequest) -> ConnectorError:
    """After a 409: ours may be the twin (unknown, a look decides), or it is an older one."""
    unknown = OutcomeUnknown("WordPress says that it already has this very reply.")
    try:
        if await find_reply(site, me, request) is not None:
            return unknown
        older = await _twins(site, me, request)
    except ConnectorError:
        return unknown
    if not older:
        return unknown
    return Rejected(
        f"The same words of yours already stand under this comment ({older[0].link}). "
        "Change the text if you want to say it again."
    )


async def _twins(site: WordPressSite, me: int, request: ReplyRequest) -> tuple[Comment, ...]:
    """Our own answers to the same comment that say the same, whatever became of them."""
    rows = rows_in(
        await site.read(
            "/wp/v2/comments",
            [
                ("context", "edit"),
                ("status", "any"),
                ("parent", str(request.parent)),
                ("author", str(me)),
                ("orderby", "id"),
                ("order", "desc"),
                ("per_page", "100"),
                ("_fields", COMMENT_FIELDS),
            ],
        )
    )
    wanted = _words(plain_text(request.content.replace("\n", "<br>")))
    return tuple(
        row for row in rows if isinstance(row, Comment) and _words(row.content.plain) == wanted
    )


def _words(text: str) -> list[str]:
    """What survives the way to WordPress and back, which may change white space."""
    return normalised(text).split()


async def _require_parent(site: WordPressSite, parent: int, deadline: Monotonic) -> None:
    """WordPress accepts a reply to a comment that does not exist, so it is looked at first."""
    answer = await site.read(
        f"/wp/v2/comments/{parent}",
        [("context", "edit"), ("_fields", "id,status")],
        deadline=deadline,
    )
    status = answer.get("status") if isinstance(answer, dict) else None
    if status not in {"approved", "hold"}:
        raise TargetGone("The comment is in the trash or in spam on WordPress.")
