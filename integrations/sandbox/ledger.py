"""The sandbox network's own SQLite file: small, durable before it answers, quick to read.

It is the vendor's data, not the desk's: the desk sees it only through the HTTP API. Everything
here runs in the network's one thread; each public method is one transaction.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing

from integrations.sandbox.ledger_rows import COMMENTS, SCHEMA, comment_of, post_of, user_of
from integrations.sandbox.records import (
    Change,
    ChangeKind,
    Comment,
    NewComment,
    Page,
    Picture,
    Post,
    PostView,
    Role,
    User,
)


class Ledger:
    """`path` is a file or `:memory:`. Times are UTC milliseconds given by the caller."""

    def __init__(self, path: str) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, timeout=10.0)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.executescript(SCHEMA)

    def close(self) -> None:
        self._db.close()

    # -- users, facts, pictures ----------------------------------------------------------------

    def put_users(self, users: Sequence[User]) -> None:
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany(
                "INSERT OR REPLACE INTO users VALUES(?,?,?,?,?,?,?)",
                [(u.id, u.name, u.handle, u.role, u.language, u.followers, u.hue) for u in users],
            )

    def users(self) -> tuple[User, ...]:
        rows = self._all(
            "SELECT id AS user_id, name, handle, role, language, followers, hue FROM users"
        )
        return tuple(user_of(row) for row in rows)

    def fact(self, name: str) -> str | None:
        row = self._one("SELECT value FROM facts WHERE name = ?", name)
        return None if row is None else str(row["value"])

    def put_fact(self, name: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO facts VALUES(?, ?)", (name, value))

    def put_picture(self, picture_id: str, content_type: str, data: bytes) -> None:
        self._db.execute(
            "INSERT OR IGNORE INTO pictures VALUES(?,?,?)", (picture_id, content_type, data)
        )

    def picture(self, picture_id: str) -> tuple[str, bytes] | None:
        row = self._one("SELECT content_type, data FROM pictures WHERE id = ?", picture_id)
        return None if row is None else (str(row["content_type"]), bytes(row["data"]))

    # -- posts ---------------------------------------------------------------------------------

    def add_post(
        self, text: str, at: int, pictures: Sequence[Picture] = (), key: str | None = None
    ) -> Post:
        """The post; with a key that was seen before, the earlier post."""
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            if key is not None:
                found = self._one("SELECT * FROM posts WHERE key = ?", key)
                if found is not None:
                    return post_of(found)
            listed = json.dumps([[picture.id, picture.alt] for picture in pictures])
            cursor = self._db.execute(
                "INSERT INTO posts(text, published_at, pictures, key) VALUES(?,?,?,?)",
                (text, at, listed, key),
            )
            return Post(cursor.lastrowid or 0, text, at, tuple(pictures), key)

    def post(self, post_id: int) -> Post | None:
        row = self._one("SELECT * FROM posts WHERE id = ?", post_id)
        return None if row is None else post_of(row)

    def posts(self, limit: int, before_id: int | None = None) -> tuple[Post, ...]:
        """Newest first, those that were deleted among them."""
        rows = self._all(
            "SELECT * FROM posts WHERE id < ? ORDER BY id DESC LIMIT ?",
            before_id or 2**62,
            limit,
        )
        return tuple(post_of(row) for row in rows)

    def delete_post(self, post_id: int) -> None:
        self._db.execute("UPDATE posts SET deleted = 1, text = '' WHERE id = ?", (post_id,))

    def react(self, post_id: int, likes: int, shares: int, views: int) -> None:
        """So many more of each."""
        self._db.execute(
            "INSERT INTO reactions VALUES(?,?,?,?) ON CONFLICT(post_id) DO UPDATE SET "
            "likes = likes + excluded.likes, shares = shares + excluded.shares, "
            "views = views + excluded.views",
            (post_id, likes, shares, views),
        )

    def reactions(self, post_id: int) -> tuple[int, int, int, int]:
        """Likes, shares, comments, views."""
        row = self._one("SELECT * FROM reactions WHERE post_id = ?", post_id)
        told = self._one(
            "SELECT count(*) AS n FROM comments WHERE post_id = ? AND deleted = 0", post_id
        )
        comments = int(told["n"]) if told else 0
        if row is None:
            return 0, 0, comments, 0
        return int(row["likes"]), int(row["shares"]), comments, int(row["views"])

    # -- comments ------------------------------------------------------------------------------

    def add_comments(self, new: Sequence[NewComment], at: int) -> list[int]:
        """All or none; a key that was seen before gives the id of the earlier comment."""
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            return [self._add_comment(comment, at) for comment in new]

    def _add_comment(self, new: NewComment, at: int) -> int:
        if new.key is not None:
            found = self._one("SELECT id FROM comments WHERE key = ?", new.key)
            if found is not None:
                return int(found["id"])
        cursor = self._db.execute(
            "INSERT INTO comments(post_id, parent_id, root_id, author, text, published_at, key) "
            "VALUES(?,?,?,?,?,?,?)",
            (
                new.post_id,
                new.parent_id,
                new.root_id,
                new.author_id,
                new.text,
                at if new.at is None else new.at,
                new.key,
            ),
        )
        comment_id = cursor.lastrowid or 0
        self._log(comment_id, ChangeKind.CREATED, at)
        return comment_id

    def edit(self, comment_id: int, text: str, at: int) -> None:
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute(
                "UPDATE comments SET text = ?, edited_at = ? WHERE id = ?", (text, at, comment_id)
            )
            self._log(comment_id, ChangeKind.EDITED, at)

    def mark(self, comment_id: int, kind: ChangeKind, at: int) -> None:
        """Delete, hide, unhide or mark as spam; harmless to repeat."""
        settings = {
            ChangeKind.DELETED: "deleted = 1, text = ''",
            ChangeKind.HIDDEN: "hidden = 1",
            ChangeKind.UNHIDDEN: "hidden = 0, spam = 0",
            ChangeKind.SPAM: "hidden = 1, spam = 1",
        }
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute(
                f"UPDATE comments SET {settings[kind]} WHERE id = ?",  # noqa: S608
                (comment_id,),
            )
            self._log(comment_id, kind, at)

    def like(self, comment_id: int, is_liked: bool) -> None:
        self._db.execute("UPDATE comments SET liked = ? WHERE id = ?", (is_liked, comment_id))

    def _log(self, comment_id: int, kind: ChangeKind, at: int) -> None:
        cursor = self._db.execute(
            "INSERT INTO changes(kind, comment_id) VALUES(?,?)", (kind, comment_id)
        )
        # a clock that jumps back must not make the listing's order lie
        self._db.execute(
            "UPDATE comments SET changed = ?1, changed_at = max(?2, coalesce("
            "(SELECT changed_at FROM comments WHERE changed = ?1 - 1), 0)) WHERE id = ?3",
            (cursor.lastrowid, at, comment_id),
        )

    def comment(self, comment_id: int) -> Comment | None:
        row = self._one(f"{COMMENTS} WHERE c.id = ?", comment_id)
        return None if row is None else comment_of(row)

    def comment_by_key(self, key: str) -> Comment | None:
        row = self._one(f"{COMMENTS} WHERE c.key = ?", key)
        return None if row is None else comment_of(row)

    # -- listings ------------------------------------------------------------------------------

    def changed_since(self, since: int, until: int, limit: int) -> Page:
        """Comments whose latest change is after number `since` and not after moment `until`."""
        rows = self._all(
            f"{COMMENTS} WHERE c.changed > ? AND c.changed_at <= ? ORDER BY c.changed LIMIT ?",
            since,
            until,
            limit + 1,
        )
        return _page(rows, limit, since)

    def newest(self, until: int, limit: int) -> Page:
        rows = self._all(
            f"{COMMENTS} WHERE c.changed_at <= ? ORDER BY c.id DESC LIMIT ?", until, limit
        )
        top = self._one(
            "SELECT coalesce(max(changed), 0) AS latest FROM comments WHERE changed_at <= ?", until
        )
        comments = tuple(comment_of(row) for row in reversed(rows))
        return Page(comments, int(top["latest"]) if top else 0)

    def after_id(self, after: int, until: int, limit: int) -> Page:
        rows = self._all(
            f"{COMMENTS} WHERE c.id > ? AND c.published_at <= ? ORDER BY c.id LIMIT ?",
            after,
            until,
            limit + 1,
        )
        return _page(rows, limit, 0)

    def replies(self, parent_id: int, author_id: str, after: int, until: int, limit: int) -> Page:
        """Direct replies, oldest first; an empty `author_id` means everyone's."""
        rows = self._all(
            f"{COMMENTS} WHERE c.parent_id = ? AND c.id > ? AND c.published_at <= ? "
            "AND (? = '' OR c.author = ?) ORDER BY c.id LIMIT ?",
            parent_id,
            after,
            until,
            author_id,
            author_id,
            limit + 1,
        )
        return _page(rows, limit, 0)

    def thread(self, post_id: int, after: int, until: int, limit: int) -> Page:
        """Everything under a post, oldest first."""
        rows = self._all(
            f"{COMMENTS} WHERE c.post_id = ? AND c.id > ? AND c.published_at <= ? "
            "ORDER BY c.id LIMIT ?",
            post_id,
            after,
            until,
            limit + 1,
        )
        return _page(rows, limit, 0)

    def changes_since(self, number: int, limit: int) -> tuple[Change, ...]:
        rows = self._all(
            "SELECT number, kind, comment_id FROM changes WHERE number > ? ORDER BY number LIMIT ?",
            number,
            limit,
        )
        changes = []
        for row in rows:
            comment = self.comment(int(row["comment_id"]))
            if comment is not None:
                changes.append(Change(int(row["number"]), ChangeKind(row["kind"]), comment))
        return tuple(changes)

    def latest_change(self) -> int:
        row = self._one("SELECT coalesce(max(number), 0) AS latest FROM changes")
        return int(row["latest"]) if row else 0

    def brand_replies(self) -> tuple[Comment, ...]:
        """Everything the brand ever wrote under comments, oldest first."""
        rows = self._all(f"{COMMENTS} WHERE u.role = ? ORDER BY c.id", Role.BRAND)
        return tuple(comment_of(row) for row in rows)

    def views(self, posts: int, threads: int, focus: int | None) -> tuple[PostView, ...]:
        """What a visitor sees: the newest threads, those the brand just answered, and `focus`."""
        return tuple(
            self._view(post, threads, focus) for post in self.posts(posts) if not post.is_deleted
        )

    def _view(self, post: Post, threads: int, focus: int | None) -> PostView:
        roots = {
            int(row["id"])
            for row in self._all(
                "SELECT id FROM (SELECT id FROM comments WHERE post_id = ?1 AND root_id IS NULL "
                "ORDER BY id DESC LIMIT ?2) UNION "
                "SELECT id FROM (SELECT root_id AS id FROM comments JOIN users u ON u.id = author "
                "WHERE post_id = ?1 AND u.role = ?3 AND root_id IS NOT NULL "
                "ORDER BY comments.id DESC LIMIT 10) UNION "
                "SELECT coalesce(root_id, id) FROM comments WHERE id = ?4 AND post_id = ?1",
                post.id,
                threads,
                Role.BRAND,
                focus,
            )
        }
        total = self._one(
            "SELECT count(*) AS n FROM comments WHERE post_id = ? AND deleted = 0", post.id
        )
        return PostView(
            post,
            int(total["n"]) if total else 0,
            tuple(
                (root, self._answers(root.id))
                for number in sorted(roots, reverse=True)
                if (root := self.comment(number)) is not None
            ),
        )

    def _answers(self, root_id: int) -> tuple[Comment, ...]:
        rows = self._all(f"{COMMENTS} WHERE c.root_id = ? ORDER BY c.id DESC LIMIT 12", root_id)
        return tuple(comment_of(row) for row in reversed(rows))

    # -- rows ----------------------------------------------------------------------------------

    def _all(self, sql: str, *values: object) -> list[sqlite3.Row]:
        with closing(self._db.execute(sql, values)) as cursor:
            return cursor.fetchall()

    def _one(self, sql: str, *values: object) -> sqlite3.Row | None:
        rows = self._all(sql, *values)
        return rows[0] if rows else None


def _page(rows: list[sqlite3.Row], limit: int, since: int) -> Page:
    comments = tuple(comment_of(row) for row in rows[:limit])
    latest = max((comment.changed for comment in comments), default=since)
    return Page(comments, latest, len(rows) > limit)
