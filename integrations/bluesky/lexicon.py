"""The pieces of Bluesky's answers that we read, each leaf checked.

After the lexicons `app.bsky.*` and `com.atproto.*`. Lists keep their raw entries, so that one
strange entry is reported alone and does not spoil its page.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue
from pydantic.alias_generators import to_camel

Raw = dict[str, JsonValue]

POST = "app.bsky.feed.post"
LIKE = "app.bsky.feed.like"
THREADGATE = "app.bsky.feed.threadgate"


class Foreign(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, alias_generator=to_camel)


class StrongRef(Foreign):
    """A record in one exact version."""

    uri: str
    cid: str


class ReplyRef(Foreign):
    root: StrongRef
    parent: StrongRef


class PostRecord(Foreign):
    type: str = Field(default=POST, alias="$type")
    text: str
    created_at: str
    reply: ReplyRef | None = None


class Profile(Foreign):
    did: str
    handle: str
    display_name: str = ""


class Label(Foreign):
    val: str
    neg: bool = False


class Viewer(Foreign):
    """What the network knows of us and this post."""

    like: str | None = None
    reply_disabled: bool = False


class PostView(Foreign):
    """`app.bsky.feed.defs#postView`; a notification about a post has the same leaves."""

    uri: str
    cid: str
    author: Profile
    record: PostRecord
    indexed_at: str
    embed: Raw | None = None
    labels: tuple[Label, ...] = ()
    viewer: Viewer = Viewer()


class NotificationPage(Foreign):
    notifications: list[Raw]
    cursor: str | None = None


class PostPage(Foreign):
    """`getPosts` and `searchPosts`."""

    posts: list[Raw]
    cursor: str | None = None


class ThreadAnswer(Foreign):
    thread: Raw


class RecordAnswer(Foreign):
    uri: str
    cid: str | None = None
    value: dict[str, Any]


class RecordPage(Foreign):
    records: list[RecordAnswer]
    cursor: str | None = None


class WriteAnswer(Foreign):
    uri: str
    cid: str


class DeleteAnswer(Foreign):
    pass


class BlobAnswer(Foreign):
    blob: Raw


class HandleAnswer(Foreign):
    did: str


class SessionAnswer(Foreign):
    access_jwt: str = Field(repr=False)
    refresh_jwt: str = Field(repr=False)
    handle: str
    did: str
    did_doc: JsonValue = None
    active: bool = True


class WhoAnswer(Foreign):
    """`com.atproto.server.getSession`."""

    handle: str
    did: str
    active: bool = True
    status: str = ""
