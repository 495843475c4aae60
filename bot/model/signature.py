"""Initials at the end of a reply: `^AN` says who of the team answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.model.member import Member

SOMEBODY = "…"
"""In place of initials, where nobody is known who answers."""
_SIGNED = re.compile(r"(?:(?:^|\s+)\^(?:[^\W\d_]{1,4}|…))+$")


@dataclass(frozen=True, slots=True)
class Signing:
    """The slugs of brands whose replies are signed, and initials that members chose, by slug."""

    brands: frozenset[str] = frozenset()
    chosen: Mapping[str, str] = field(default_factory=dict)

    def of(self, member: Member | None) -> str:
        """What stands behind the caret."""
        if member is None:
            return SOMEBODY
        return self.chosen.get(member.slug) or initials_of(member.name)


def initials_of(name: str) -> str:
    """`AN` of Anna Nicolau, `BO` of Bob."""
    words: list[str] = re.findall(r"[^\W\d_]+", name) or ["X"]
    letters = words[0][:2] if len(words) == 1 else words[0][0] + words[-1][0]
    return letters.upper()


def signed(text: str, initials: str) -> str:
    """With these initials and no others."""
    return f"{unsigned(text)} ^{initials}"


def unsigned(text: str) -> str:
    return _SIGNED.sub("", text)


def is_signed(text: str) -> bool:
    return _SIGNED.search(text) is not None and not text.endswith(SOMEBODY)
