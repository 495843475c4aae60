"""The tables of the sandbox network's file, and how a row becomes a record."""

from __future__ import annotations

import json
import sqlite3

from integrations.sandbox.records import Comment, Picture, Post, Role, User

SCHEMA = """
CREATE TABLE IF NOT EXISTS users(
  id TEXT PRIMARY KEY, name TEXT NOT NULL, handle TEXT NOT NULL, role TEXT NOT NULL,
  language TEXT NOT NULL, followers INTEGER NOT NULL, hue INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS facts(name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS pictures(
  id TEXT PRIMARY KEY, content_type TEXT NOT NULL, data BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS posts(
  id INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT NOT NULL, published_at INTEGER NOT NULL,
  pictures TEXT NOT NULL DEFAULT '[]', key TEXT UNIQUE, deleted INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS comments(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  post_id INTEGER NOT NULL REFERENCES posts(id),
  parent_id INTEGER REFERENCES comments(id),
  root_id INTEGER REFERENCES comments(id),
  author TEXT NOT NULL REFERENCES users(id),
  text TEXT NOT NULL,
  published_at INTEGER NOT NULL,
  edited_at INTEGER,
  hidden INTEGER NOT NULL DEFAULT 0,
  spam INTEGER NOT NULL DEFAULT 0,
  deleted INTEGER NOT NULL DEFAULT 0,
  liked INTEGER NOT NULL DEFAULT 0,
  key TEXT UNIQUE,
  changed INTEGER NOT NULL DEFAULT 0,
  changed_at INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS comments_by_change ON comments(changed);
CREATE INDEX IF NOT EXISTS comments_by_post ON comments(post_id, root_id, id);
CREATE INDEX IF NOT EXISTS comments_by_parent ON comments(parent_id, id);
CREATE INDEX IF NOT EXISTS comments_by_root ON comments(root_id, id);
CREATE TABLE IF NOT EXISTS reactions(
  post_id INTEGER PRIMARY KEY REFERENCES posts(id), likes INTEGER NOT NULL DEFAULT 0,
  shares INTEGER NOT NULL DEFAULT 0, views INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS changes(
  number INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, comment_id INTEGER NOT NULL
);
"""

COMMENTS = """
SELECT c.*, p.text AS post_text, u.id AS user_id, u.name, u.handle, u.role, u.language,
  u.followers, u.hue
FROM comments c JOIN posts p ON p.id = c.post_id JOIN users u ON u.id = c.author
"""


def user_of(row: sqlite3.Row) -> User:
    return User(
        row["user_id"],
        row["name"],
        row["handle"],
        Role(row["role"]),
        row["language"],
        row["followers"],
        row["hue"],
    )


def post_of(row: sqlite3.Row) -> Post:
    return Post(
        id=row["id"],
        text=row["text"],
        published_at=row["published_at"],
        pictures=tuple(Picture(*pair) for pair in json.loads(row["pictures"])),
        key=row["key"],
        is_deleted=bool(row["deleted"]),
    )


def comment_of(row: sqlite3.Row) -> Comment:
    return Comment(
        id=row["id"],
        post_id=row["post_id"],
        parent_id=row["parent_id"],
        root_id=row["root_id"],
        author=user_of(row),
        text=row["text"],
        published_at=row["published_at"],
        edited_at=row["edited_at"],
        is_hidden=bool(row["hidden"]),
        is_spam=bool(row["spam"]),
        is_deleted=bool(row["deleted"]),
        is_liked=bool(row["liked"]),
        key=row["key"],
        changed=row["changed"],
        post_text=row["post_text"],
    )
