"""Peaks: the mode in which a flood of items becomes one card that rolls on."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from bot.model.ids import (
    MINUTE,
    SECOND,
    BrandId,
    ChannelId,
    ItemId,
    Moment,
    PeakId,
)
from bot.model.triage import Triage
from bot.model.vip import VipRule

CLUSTER_KEY = 8
"""Characters of a cluster's key: what a button has room for."""


@dataclass(frozen=True, slots=True)
class PeakRule:
    """More cards than this within `window` milliseconds begin a peak; 0 switches it off."""

    in_channel: int = 10
    under_one_post: int = 6
    window: int = 5 * MINUTE
    redraw: int = 20 * SECOND
    """Milliseconds between two redraws of the card."""
    vips: VipRule = field(default_factory=VipRule)
    """Whose items get a card all the same."""
    sets_aside: bool = True
    """What needs no reply joins one card instead of getting one each."""

    @property
    def is_on(self) -> bool:
        return self.in_channel > 0 or self.under_one_post > 0

    def most(self, about: int) -> int:
        """Cards before a peak begins: under one post where it is about one, else in a channel."""
        return self.under_one_post if about else self.in_channel

    def is_flood(self, cards: int, about: int) -> bool:
        """The next one would be one too many."""
        return 0 < self.most(about) <= cards

    def is_calm(self, joined: int, about: int) -> bool:
        """So few joined within a window that it is over."""
        return joined * 2 < self.most(about)


class RollKind(StrEnum):
    """What makes many items one card that rolls on; only the first is a peak."""

    PEAK = "peak"
    """About a conversation, or about none: about the whole channel."""
    SOON = "soon"
    """Replies that are due soon; about whoever has them, or about none."""
    LATE = "late"
    """Replies that are late."""
    QUIET = "quiet"
    """What needs no reply; about the account it came to."""
    SPAM = "spam"
    """What advertises; about the account it came to."""
    WOKE = "woke"
    """What is back from a snooze; about whoever snoozed it, or about none."""
    DIGEST = "digest"
    """What may wait until a time of the day; about that moment, in minutes."""
    ASKED = "asked"
    """An answer that is due; about its question."""
    APPROVAL = "approval"
    """A post that nobody approved yet; about the post."""
    PAST = "past"
    """What the first sync of an account brought; about the account."""
    PROMISED = "promised"
    """What was promised and is due soon; about the promise."""
    HAND_OVER = "hand_over"
    """What a shift leaves to the next one."""


ASKS, TOLD, REST = "asks", "told", "rest"
"""Clusters of the past: nobody answered; the team did, on the network itself; all else."""


SET_ASIDE = frozenset({RollKind.QUIET, RollKind.SPAM})
"""What is listed page by page, and decided all at once."""


@dataclass(frozen=True, slots=True)
class Rolling:
    """In one channel at most one card about the same thing goes on; `about` 0 is nothing."""

    kind: RollKind
    about: int = 0


@dataclass(frozen=True, slots=True)
class Peak:
    """Over once `ended_at` is set."""

    id: PeakId
    brand_id: BrandId
    channel_id: ChannelId | None
    """None: it stands in the console alone."""
    rolling: Rolling
    started_at: Moment
    ended_at: Moment | None = None
    page: int = 1
    """Of those that it shows a page at a time."""


@dataclass(frozen=True, slots=True)
class Sample:
    """`permalink` may be empty."""

    item_id: ItemId
    author: str
    text: str
    permalink: str


@dataclass(frozen=True, slots=True)
class Cluster:
    """Items of a peak that say the same kind of thing."""

    key: str
    label: str
    count: int
    undecided: int
    samples: Sequence[Sample] = ()


def cluster_of(triage: Triage) -> tuple[str, str]:
    """Key and label of the cluster that an item with this triage belongs to."""
    label = triage.label or triage.sentiment.value.capitalize()
    return hashlib.sha256(label.encode()).hexdigest()[:CLUSTER_KEY], label
