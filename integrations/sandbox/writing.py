"""Replies and posts of ours on the sandbox network: frozen, sent, and found again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.errors import CannotTell
from bot.model.draft import normalised
from bot.model.ids import NetworkName, RemoteId
from bot.model.publication import (
    LengthReport,
    OutgoingText,
    Prepared,
    Receipt,
    Staged,
)
from integrations.sandbox.reading import ForeignComment, ForeignPost

LIMIT = 500
"""Characters, counted as code points."""
FORMAT = 1
_SKEW = 2_000
"""Milliseconds that the network's clock may be behind ours."""


def prepare(text: OutgoingText) -> Prepared:
    words = normalised(text.text)
    target = text.target
    request: dict[str, Any] = {
        "text": words,
        "reply_to": target.remote_id if target else None,
        "at": text.at,
        "media": [
            {"hash": media.hash, "alt": media.alt_text, "type": media.content_type}
            for media in text.media
        ],
    }
    return Prepared(
        connector=NetworkName("sandbox"),
        format=FORMAT,
        request=request,
        key=text.seed.hex(),
        length=LengthReport(len(words), LIMIT, "characters", _problem(words, text)),
    )


def _problem(words: str, text: OutgoingText) -> str:
    if not words:
        return "There is no text. Write something."
    if text.target and text.media:
        return "The sandbox takes pictures on posts only. Remove the picture from this reply."
    return ""


def write_path(request: Mapping[str, Any]) -> str:
    target = request["reply_to"]
    return "/posts" if target is None else f"/comments/{target}/replies"


def write_body(request: Mapping[str, Any], staged: Staged | None) -> dict[str, Any]:
    """KeyError when a picture was never staged."""
    body: dict[str, Any] = {"text": request["text"]}
    if request["media"]:
        refs = staged.refs if staged else {}
        body["media"] = [
            {"id": refs[media["hash"]]["id"], "alt": media["alt"]} for media in request["media"]
        ]
    return body


def receipt_of(written: ForeignComment | ForeignPost) -> Receipt:
    return Receipt(RemoteId(written.id), written.url)


def match(
    prepared: Prepared, candidates: Sequence[ForeignComment] | Sequence[ForeignPost]
) -> Receipt | None:
    """Which of our writings is this publication.

    By key where one is kept. Where none is, by the same text not before the approval, so that
    an older identical reply is not claimed. One of ours from then that was deleted since has
    lost its text and proves nothing either way: CannotTell.
    """
    earliest = prepared.request["at"] - _SKEW
    is_doubtful = False
    for written in candidates:
        if written.key is not None:
            if written.key == prepared.key:
                return receipt_of(written)
        elif written.published_at >= earliest:
            if normalised(written.text) == prepared.request["text"]:
                return receipt_of(written)
            is_doubtful = is_doubtful or written.deleted
    if is_doubtful:
        raise CannotTell(
            "Something of ours was deleted there since the approval, and the sandbox does not "
            "tell what it said. Look at the thread and decide."
        )
    return None
