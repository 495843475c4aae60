"""What a hold keeps from leaving, and what waits to leave."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.model.ids import Moment


class HoldKind(StrEnum):
    REPLIES = "replies"
    POSTS = "posts"


@dataclass(frozen=True, slots=True)
class Leaving:
    """Approved and not on its way yet, by the slug of its account."""

    kind: HoldKind
    account: str
    text: str
    at: Moment
    """Before which it does not leave."""
