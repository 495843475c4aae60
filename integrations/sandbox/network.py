"""The sandbox network: a small social network of its own, with one brand and its customers.

It knows nothing of the desk. State lives in a SQLite file, and every call runs in the network's
one thread, so that calls follow each other and never block the event loop; a call returns when
its commit is on the disk. Whoever wants to know of changes holds a `Bell`.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from integrations.sandbox.ledger import Ledger
from integrations.sandbox.personas import BRAND, PERSONAS
from integrations.sandbox.records import (
    Change,
    ChangeKind,
    Comment,
    NewComment,
    Page,
    Picture,
    Post,
    PostView,
    User,
    clean,
)

T = TypeVar("T")


def system_now() -> int:
    """UTC milliseconds."""
    return time.time_ns() // 1_000_000


class Bell:
    """Rung after every change; a ring while nobody waits is kept."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        self._event.set()

    async def wait(self, seconds: float | None = None) -> bool:
        """True when rung, False when the time was up first."""
        try:
            await asyncio.wait_for(self._event.wait(), seconds)
        except TimeoutError:
            return False
        self._event.clear()
        return True


class SandboxNetwork:
    """Open with `SandboxNetwork.open`; `now` gives UTC milliseconds.

    `public_url` is where its pages stand, with a trailing slash: permalinks begin with it.
    """

    def __init__(self, ledger: Ledger, thread: ThreadPoolExecutor, now: Callable[[], int]) -> None:
        self._ledger = ledger
        self._thread = thread
        self._bells: set[Bell] = set()
        self._now = now
        self.public_url = "/"
        self.honours_keys = True
        """Whether a repeated Idempotency-Key is one write, and keys can be read back."""
        self.shows_own = True
        """Whether the brand's own writing can be seen through the API at all."""
        self.echoes = True
        """Whether it is news too: part of `/comments` and of webhooks, not only of threads."""
        self.version = 0
        """Grows with everything that a visitor could see."""

    @classmethod
    async def open(cls, path: str, *, now: Callable[[], int] = system_now) -> SandboxNetwork:
        """`path` is a file (created when missing) or `:memory:`."""
        thread = ThreadPoolExecutor(1, thread_name_prefix="sandbox-network")
        loop = asyncio.get_running_loop()
        ledger = await loop.run_in_executor(thread, Ledger, path)
        await loop.run_in_executor(thread, ledger.put_users, [BRAND, *PERSONAS])
        return cls(ledger, thread, now)

    async def close(self) -> None:
        await self._call(self._ledger.close)
        self._thread.shutdown()

    @property
    def brand(self) -> User:
        return BRAND

    def now(self) -> int:
        return self._now()

    @contextlib.contextmanager
    def bell(self) -> Iterator[Bell]:
        bell = Bell()
        self._bells.add(bell)
        try:
            yield bell
        finally:
            self._bells.discard(bell)

    def ring(self) -> None:
        """Something visible changed."""
        self.version += 1
        for bell in self._bells:
            bell.ring()

    # -- writing -------------------------------------------------------------------------------

    async def comment(
        self,
        author_id: str,
        text: str,
        *,
        post_id: int | None = None,
        parent: Comment | None = None,
        key: str | None = None,
        at: int | None = None,
    ) -> Comment:
        """Write under a post or under a comment; the earlier comment when `key` was honoured."""
        new = NewComment(
            post_id=parent.post_id if parent else (post_id or 0),
            author_id=author_id,
            text=clean(text),
            parent_id=parent.id if parent else None,
            root_id=(parent.root_id or parent.id) if parent else None,
            key=key if self.honours_keys else None,
            at=at,
        )
        ids = await self.comment_all([new])
        return await self.existing_comment(ids[0])

    async def comment_all(self, new: Sequence[NewComment]) -> list[int]:
        """Many at once, in one commit; their ids."""
        ids = await self._call(self._ledger.add_comments, new, self._now())
        self.ring()
        return ids

    async def edit(self, comment_id: int, text: str) -> None:
        await self._call(self._ledger.edit, comment_id, clean(text), self._now())
        self.ring()

    async def mark(self, comment_id: int, kind: ChangeKind) -> None:
        """Delete, hide, unhide or mark as spam."""
        await self._call(self._ledger.mark, comment_id, kind, self._now())
        self.ring()

    async def like(self, comment_id: int, is_liked: bool) -> None:
        await self._call(self._ledger.like, comment_id, is_liked)
        self.ring()

    async def publish_post(
        self,
        text: str,
        pictures: Sequence[Picture] = (),
        *,
        key: str | None = None,
        at: int | None = None,
    ) -> Post:
        moment = self._now() if at is None else at
        kept = key if self.honours_keys else None
        post = await self._call(self._ledger.add_post, clean(text), moment, pictures, kept)
        self.ring()
        return post

    async def react(self, post_id: int, *, likes: int = 0, shares: int = 0, views: int = 0) -> None:
        """So many more people did this with a post."""
        await self._call(self._ledger.react, post_id, likes, shares, views)

    async def delete_post(self, post_id: int) -> None:
        await self._call(self._ledger.delete_post, post_id)
        self.ring()

    async def add_picture(self, content_type: str, data: bytes) -> str:
        """Its id; the same bytes have the same id."""
        picture_id = hashlib.sha256(data).hexdigest()
        await self._call(self._ledger.put_picture, picture_id, content_type, data)
        return picture_id

    async def meet(self, user: User) -> None:
        """Somebody lives here from now on."""
        await self._call(self._ledger.put_users, [user])

    async def remember(self, name: str, value: str) -> None:
        await self._call(self._ledger.put_fact, name, value)

    # -- reading -------------------------------------------------------------------------------

    async def recall(self, name: str) -> str | None:
        return await self._call(self._ledger.fact, name)

    async def picture(self, picture_id: str) -> tuple[str, bytes] | None:
        """Content type and bytes."""
        return await self._call(self._ledger.picture, picture_id)

    async def users(self) -> tuple[User, ...]:
        return await self._call(self._ledger.users)

    async def find_comment(self, comment_id: int) -> Comment | None:
        return await self._call(self._ledger.comment, comment_id)

    async def existing_comment(self, comment_id: int) -> Comment:
        """LookupError when there is none."""
        comment = await self.find_comment(comment_id)
        if comment is None:
            raise LookupError(comment_id)
        return comment

    async def comment_by_key(self, key: str) -> Comment | None:
        return await self._call(self._ledger.comment_by_key, key)

    async def find_post(self, post_id: int) -> Post | None:
        return await self._call(self._ledger.post, post_id)

    async def reactions(self, post_id: int) -> tuple[int, int, int, int]:
        """Likes, shares, comments, views."""
        return await self._call(self._ledger.reactions, post_id)

    async def posts(self, limit: int = 50, before_id: int | None = None) -> tuple[Post, ...]:
        return await self._call(self._ledger.posts, limit, before_id)

    async def changed_since(self, since: int, *, lag_ms: int = 0, limit: int = 100) -> Page:
        return await self._call(self._ledger.changed_since, since, self._until(lag_ms), limit)

    async def newest(self, *, lag_ms: int = 0, limit: int = 100) -> Page:
        return await self._call(self._ledger.newest, self._until(lag_ms), limit)

    async def after_id(self, after: int, *, lag_ms: int = 0, limit: int = 100) -> Page:
        return await self._call(self._ledger.after_id, after, self._until(lag_ms), limit)

    async def replies(
        self, parent_id: int, *, author_id: str = "", after: int = 0, lag_ms: int = 0
    ) -> Page:
        until = self._until(lag_ms)
        return await self._call(self._ledger.replies, parent_id, author_id, after, until, 100)

    async def thread(self, post_id: int, *, after: int = 0, lag_ms: int = 0) -> Page:
        return await self._call(self._ledger.thread, post_id, after, self._until(lag_ms), 100)

    async def changes_since(self, number: int, limit: int = 100) -> tuple[Change, ...]:
        return await self._call(self._ledger.changes_since, number, limit)

    async def latest_change(self) -> int:
        return await self._call(self._ledger.latest_change)

    async def brand_replies(self) -> tuple[Comment, ...]:
        """Everything the brand ever wrote under comments, deleted ones too."""
        return await self._call(self._ledger.brand_replies)

    async def views(self, focus: int | None = None) -> tuple[PostView, ...]:
        """The newest eight posts with their newest threads."""
        return await self._call(self._ledger.views, 8, 25, focus)

    def _until(self, lag_ms: int) -> int:
        return self._now() - lag_ms if lag_ms else 2**62

    async def _call(self, work: Callable[..., T], *values: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *values)
