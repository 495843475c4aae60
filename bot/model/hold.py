"""What a hold keeps from leaving, what waits to leave, and what becomes of what was held.

    asked --whoever asked presses once--> done
      '--they press Not now--> dropped

A pause and its end are asked for, shown and then done. A planned post that was held past its time
is asked about, one by one, and leaves by nobody's silence.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.model.ids import (
    AccountId,
    BrandId,
    HoldChangeId,
    MemberId,
    Moment,
    PostId,
    PublicationId,
)


class HoldKind(StrEnum):
    REPLIES = "replies"
    POSTS = "posts"


class HoldVerb(StrEnum):
    PAUSE = "pause"
    UNPAUSE = "unpause"


class HoldChangeState(StrEnum):
    ASKED = "asked"
    DONE = "done"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Shown:
    """What waited to leave when somebody was asked."""

    posts: frozenset[PublicationId] = frozenset()
    replies: int = 0

    def is_much_else(self, other: Shown) -> bool:
        """Each planned post counts; of replies more than three, and more than half of them."""
        apart = abs(self.replies - other.replies)
        return self.posts != other.posts or (
            apart > MANY and apart * 2 > max(self.replies, other.replies)
        )


MANY = 3


@dataclass(frozen=True, slots=True)
class HoldChange:
    """A pause or its end, as its asker asked for it; `account_id` None is the whole brand."""

    id: HoldChangeId
    brand_id: BrandId
    verb: HoldVerb
    kinds: tuple[HoldKind, ...]
    account_id: AccountId | None
    reason: str
    member_id: MemberId
    asked_at: Moment
    state: HoldChangeState = HoldChangeState.ASKED
    shown: Shown = Shown()
    """What its asker was shown last."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """Approved and not on its way yet, by the slug of its account."""

    publication_id: PublicationId
    kind: HoldKind
    account: str
    text: str
    at: Moment
    """Before which it does not leave."""


class HeldVerb(StrEnum):
    """What becomes of a post that was held."""

    NOW = "now"
    HOUR = "1h"
    """In an hour from the press."""
    DAY = "1d"
    CANCEL = "cancel"
    AT = "at"
    """At a time that is written with it."""
    MOVED = "moved"
    """Somebody chose another time on the post's own card."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A planned post of which a part has not left; `text` is that of its first part."""

    post_id: PostId
    slot: Moment
    text: str
    publications: tuple[PublicationId, ...]
    accounts: tuple[str, ...]
    """Names of the accounts of its parts."""
