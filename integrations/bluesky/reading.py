"""What Bluesky shows, translated into items. Pure: no network, no clock.

A notification about a post, a search hit, a thread's node and a record of our own repository
carry the same leaves; each becomes an item, or an Unsupported that keeps what it was.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import ValidationError

from bot.model.engagement import Reactions
from bot.model.ids import Moment, RemoteId
from bot.model.item import ItemKind
from bot.model.media import RemoteMedia
from bot.model.network import IncomingItem, Observation, RemoteAuthor, Unsupported
from integrations.bluesky.lexicon import POST, PostView, Raw, RecordAnswer
from integrations.bluesky.syntax import AtUri, repo_of

REASONS = ("reply", "mention", "quote")
"""Notifications that are about something somebody wrote."""
IGNORED = frozenset(
    "like repost follow starterpack-joined verified unverified like-via-repost "
    "repost-via-repost subscribed-post contact-match".split()
)
"""Notifications without words; a server that does not know `reasons` sends them all the same."""
TITLE_LENGTH = 140
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SENSITIVE = frozenset({"porn", "sexual", "nudity", "graphic-media", "gore"})


@dataclass(frozen=True, slots=True)
class Ourselves:
    """Who reads, and where permalinks lead."""

    did: str
    handle: str
    app: str


@dataclass(frozen=True, slots=True)
class Beginning:
    """What the root of a thread says and shows; nothing where it is not shown to us."""

    text: str = ""
    media: tuple[RemoteMedia, ...] = ()


NO_BEGINNING = Beginning()


def beginning(raw: Mapping[str, Any]) -> Beginning:
    """Of a post view, as far as it can be read."""
    record = raw.get("record")
    text = str(record.get("text", "")) if isinstance(record, dict) else ""
    try:
        return Beginning(text, _pictures(PostView.model_validate(raw)))
    except ValidationError:
        return Beginning(text)


def notification(raw: Raw, us: Ourselves, roots: Mapping[str, Beginning]) -> Observation:
    reason = str(raw.get("reason"))
    if reason not in REASONS:
        return Unsupported(f"notification {reason}", _payload(raw))
    return post(raw, us, roots)


def post(raw: Mapping[str, Any], us: Ourselves, roots: Mapping[str, Beginning]) -> Observation:
    """`roots` has the beginnings of threads by uri, as far as they are known."""
    try:
        view = PostView.model_validate(raw)
        uri = AtUri.parse(view.uri)
        published_at = sort_moment(view.record.created_at, view.indexed_at)
    except (ValidationError, ValueError):
        return Unsupported("unreadable post", _payload(raw))
    if view.record.type != POST or uri.collection != POST:
        return Unsupported(f"record {view.record.type[:80]}", _payload(raw))
    return _item(view, uri, published_at, us, roots)


def own_record(record: RecordAnswer, us: Ourselves) -> Observation:
    """A post of ours as our repository holds it."""
    raw = {
        "uri": record.uri,
        "cid": record.cid,
        "author": {"did": us.did, "handle": us.handle},
        "record": record.value,
        "indexedAt": record.value.get("createdAt"),
    }
    return post(raw, us, {})


def title_of(text: str) -> str:
    """The first words of a text on one line."""
    line = " ".join(text.split())
    return line if len(line) <= TITLE_LENGTH else line[: TITLE_LENGTH - 1].rstrip() + "…"


def permalink(app: str, handle: str, uri: AtUri) -> str:
    """The page of a post; by DID when the handle no longer belongs to its account."""
    who = uri.repo if handle in {"", "handle.invalid"} else handle
    return f"{app}/profile/{who}/post/{uri.key}"


def reactions(view: Raw) -> Reactions:
    """What a post view counts (`app.bsky.feed.defs#postView`; a count that is left out is 0)."""
    counts = {
        name: found if isinstance(found := view.get(f"{name}Count"), int) else 0
        for name in ("like", "repost", "quote", "reply")
    }
    return Reactions(
        position(view),
        counts["like"],
        counts["repost"] + counts["quote"],
        counts["reply"],
    )


def moment_of(text: str) -> Moment:
    """UTC milliseconds of a datetime with a zone; ValueError for anything else."""
    read = datetime.fromisoformat(text)
    if read.tzinfo is None:
        raise ValueError("a time without a zone")
    return Moment((read - _EPOCH) // timedelta(milliseconds=1))


def sort_moment(created_at: str, indexed_at: str) -> Moment:
    """The earlier of what the author claims and what the network saw, as Bluesky sorts."""
    indexed = moment_of(indexed_at)
    try:
        return min(indexed, max(Moment(0), moment_of(created_at)))
    except (ValueError, OverflowError):
        return indexed


def position(raw: Raw) -> Moment:
    """Where a post stands in a list that is sorted newest first; 0 when it does not tell."""
    record = raw.get("record")
    created = record.get("createdAt") if isinstance(record, dict) else None
    try:
        return sort_moment(str(created), str(raw.get("indexedAt")))
    except ValueError:
        return Moment(0)


def iso(moment: Moment) -> str:
    """A moment as the lexicons want it: milliseconds and a Z."""
    read = _EPOCH + timedelta(milliseconds=moment)
    return read.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def thread_nodes(thread: Raw) -> Iterator[Raw]:
    """Every node below (and with) a thread's root; whoever reads says what each is."""
    waiting = [thread]
    while waiting:
        node = waiting.pop()
        yield node
        replies = node.get("replies")
        if isinstance(replies, list):
            waiting.extend(reply for reply in replies if isinstance(reply, dict))


def _item(
    view: PostView,
    uri: AtUri,
    published_at: Moment,
    us: Ourselves,
    roots: Mapping[str, Beginning],
) -> IncomingItem:
    reply = view.record.reply
    root = NO_BEGINNING if reply is None else roots.get(reply.root.uri, NO_BEGINNING)
    hints = {"cid": view.cid}
    if reply is not None:
        hints |= {"root_uri": reply.root.uri, "root_cid": reply.root.cid}
    return IncomingItem(
        remote_id=RemoteId(view.uri),
        kind=_kind(view, us),
        author=RemoteAuthor(
            remote_id=RemoteId(view.author.did),
            handle=view.author.handle,
            display_name=view.author.display_name,
            url=f"{us.app}/profile/{view.author.handle}",
        ),
        text=view.record.text,
        published_at=published_at,
        permalink=permalink(us.app, view.author.handle, uri),
        parent_remote_id=RemoteId(reply.parent.uri) if reply else None,
        thread_remote_id=RemoteId(reply.root.uri) if reply else None,
        thread_title=title_of(root.text),
        thread_media=root.media,
        by_us=view.author.did == us.did,
        media=_pictures(view),
        hints=hints,
    )


def _kind(view: PostView, us: Ourselves) -> ItemKind:
    """An answer to our post is a comment, deeper in the talk a reply, all else a mention."""
    reply = view.record.reply
    if view.author.did == us.did:
        return ItemKind.REPLY if reply else ItemKind.POST
    if reply is None:
        return ItemKind.MENTION
    if reply.parent.uri == reply.root.uri and repo_of(reply.root.uri) == us.did:
        return ItemKind.COMMENT
    is_ours = us.did in {repo_of(reply.parent.uri), repo_of(reply.root.uri)}
    return ItemKind.REPLY if is_ours else ItemKind.MENTION


def _pictures(view: PostView) -> tuple[RemoteMedia, ...]:
    is_sensitive = any(label.val in _SENSITIVE and not label.neg for label in view.labels)
    return tuple(
        RemoteMedia(
            url=str(image["thumb"]), alt_text=str(image.get("alt", "")), is_sensitive=is_sensitive
        )
        for image in _images(view.embed)
        if isinstance(image, dict) and isinstance(image.get("thumb"), str)
    )


def _images(embed: Mapping[str, Any] | None) -> Sequence[Any]:
    if embed is None:
        return ()
    if embed.get("$type") == "app.bsky.embed.recordWithMedia#view":
        inner = embed.get("media")
        return _images(inner if isinstance(inner, dict) else None)
    images = embed.get("images")
    is_images = embed.get("$type") == "app.bsky.embed.images#view" and isinstance(images, list)
    return images if is_images and isinstance(images, list) else ()


def _payload(raw: Mapping[str, Any]) -> str:
    return json.dumps(raw)[:4000]
