"""Authors who never wait in a crowd: those whom the team names, and those whom many follow."""

from __future__ import annotations

from dataclasses import dataclass

from bot.model.item import Author


@dataclass(frozen=True, slots=True)
class VipRule:
    """`handles` as `bare` spells them; `followers` is the least number that counts, or 0."""

    handles: frozenset[str] = frozenset()
    followers: int = 0

    @property
    def is_on(self) -> bool:
        return bool(self.handles) or self.followers > 0

    def takes(self, author: Author) -> bool:
        if bare(author.handle) in self.handles:
            return True
        return 0 < self.followers <= (author.followers or 0)


def bare(handle: str) -> str:
    """One spelling of a handle: no @ before it, no capitals."""
    return handle.strip().removeprefix("@").casefold()
