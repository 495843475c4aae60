"""What a hold keeps from leaving."""

from __future__ import annotations

from enum import StrEnum


class HoldKind(StrEnum):
    REPLIES = "replies"
    POSTS = "posts"
