"""What a Mastodon server shows, translated into items. Pure: no network, no clock."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from bot.model.ids import SECOND, Moment, RemoteId
from bot.model.item import ItemKind
from bot.model.media import RemoteMedia
from bot.model.network import IncomingItem, RemoteAuthor, Unsupported
from integrations.mastodon.entities import Account, Notice, Status
from integrations.mastodon.markup import full_name, shown_text

TITLE_LENGTH = 140
_PICTURES = frozenset({"image", "gifv", "video"})


@dataclass(frozen=True, slots=True)
class Ourselves:
    """Who reads; `domain` is what stands behind the names of our own server's people."""

    id: str
    acct: str
    domain: str


@dataclass(frozen=True, slots=True)
class Root:
    """Where a thread begins: whose it is, its first words and its pictures, as far as known."""

    id: str
    author_id: str = ""
    title: str = ""
    media: tuple[RemoteMedia, ...] = ()


def root_of(status: Status, us: Ourselves) -> Root:
    """A status as the beginning of its own thread."""
    return Root(status.id, status.account.id, title_of(status, us), _pictures(status))


def status_in(raw: Any) -> Status | Unsupported:
    try:
        return Status.model_validate(raw)
    except ValidationError:
        return Unsupported("unreadable status", payload(raw))


def mention_in(raw: Any) -> Status | Unsupported:
    """The status that a notification is about."""
    try:
        notice = Notice.model_validate(raw)
    except ValidationError:
        return Unsupported("unreadable notification", payload(raw))
    if notice.type != "mention":
        return Unsupported(f"notification {notice.type[:80]}", payload(raw))
    return status_in(notice.status)


def concerns(status: Status, us: Ourselves) -> bool:
    """By us, to us, or naming us."""
    return us.id in {
        status.account.id,
        status.in_reply_to_account_id,
        *(person.id for person in status.mentions),
    }


def item(status: Status, us: Ourselves, root: Root | None) -> IncomingItem:
    """`root` None: it answers nothing."""
    by_us = status.account.id == us.id
    return IncomingItem(
        remote_id=RemoteId(status.id),
        kind=_kind(status, us, root),
        author=_author(status.account, us),
        text=_words(status, us),
        published_at=moment_of(status),
        permalink=permalink(status),
        parent_remote_id=RemoteId(status.in_reply_to_id) if status.in_reply_to_id else None,
        thread_remote_id=RemoteId(root.id) if root else None,
        thread_title=root.title if root else "",
        thread_media=root.media if root else (),
        by_us=by_us,
        media=_pictures(status),
        hints=_hints(status),
    )


def title_of(status: Status, us: Ourselves) -> str:
    """The first words of a status on one line."""
    line = " ".join(_words(status, us).split())
    return line if len(line) <= TITLE_LENGTH else line[: TITLE_LENGTH - 1].rstrip() + "…"


def moment_of(status: Status) -> Moment:
    return Moment(round(status.created_at.timestamp() * SECOND))


def permalink(status: Status) -> str:
    return status.url or status.uri


def payload(raw: Any) -> str:
    return json.dumps(raw)[:4000]


def _kind(status: Status, us: Ourselves, root: Root | None) -> ItemKind:
    """An answer to our post is a comment, deeper in the talk a reply, all else a mention."""
    if status.account.id == us.id:
        return ItemKind.REPLY if status.in_reply_to_id else ItemKind.POST
    if status.visibility == "direct":
        return ItemKind.MESSAGE
    if root is None or not status.in_reply_to_id:
        return ItemKind.MENTION
    if root.author_id == us.id:
        return ItemKind.COMMENT if status.in_reply_to_id == root.id else ItemKind.REPLY
    return ItemKind.REPLY if status.in_reply_to_account_id == us.id else ItemKind.MENTION


def _author(account: Account, us: Ourselves) -> RemoteAuthor:
    return RemoteAuthor(
        remote_id=RemoteId(account.id),
        handle=full_name(account.acct, us.domain),
        display_name=account.display_name,
        url=account.url or "",
        followers=account.followers_count,
    )


def _words(status: Status, us: Ourselves) -> str:
    """The text below its content warning. Our own replies lose the name they begin with: it is
    put there by `prepare`, and an echo is recognised by what was approved.
    """
    text = shown_text(status.content, status.mentions, us.domain)
    if status.account.id == us.id:
        for person in status.mentions:
            if person.id == status.in_reply_to_account_id:
                text = text.removeprefix(f"@{full_name(person.acct, us.domain)} ").strip()
    return f"{status.spoiler_text}\n\n{text}".strip() if status.spoiler_text else text


def _hints(status: Status) -> dict[str, str]:
    hints = {"visibility": status.visibility, "acct": status.account.acct}
    if status.spoiler_text:
        hints["spoiler_text"] = status.spoiler_text
    if status.language:
        hints["language"] = status.language
    return hints


def _pictures(status: Status) -> tuple[RemoteMedia, ...]:
    return tuple(
        RemoteMedia(
            url=attachment.preview_url or attachment.url or "",
            alt_text=attachment.description or "",
            is_sensitive=status.sensitive,
        )
        for attachment in status.media_attachments
        if attachment.type in _PICTURES and (attachment.preview_url or attachment.url)
    )
