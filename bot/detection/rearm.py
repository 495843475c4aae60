"""Saying a thing once: what goes on is said again only when it got worse.

    within 4 hours     silent; how bad it became is noted
    within 24 hours    said again only if it is worse than that
    later              news

This is the larger part of a trustworthy pager: the same statistics without it are wrong two to
three times as often (ADR 0030).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SILENT_BUCKETS = 48
ONLY_WORSE_BUCKETS = 288


class Rearm:
    __slots__ = ("_at", "_worst")

    def __init__(self, state: Mapping[str, Any] | None = None) -> None:
        self._at: int | None = state["at"] if state else None
        self._worst: float = state["worst"] if state else 0.0

    def dump(self) -> dict[str, Any]:
        return {"at": self._at, "worst": self._worst}

    def speaks(self, bucket: int, score: float, threshold: float) -> bool:
        """Whether this is to be said now; a true answer counts as said."""
        if score < threshold:
            return False
        ago = ONLY_WORSE_BUCKETS if self._at is None else bucket - self._at
        if ago < SILENT_BUCKETS:
            self._worst = max(self._worst, score)
            return False
        if ago < ONLY_WORSE_BUCKETS and score <= self._worst:
            return False
        self._at, self._worst = bucket, score
        return True
