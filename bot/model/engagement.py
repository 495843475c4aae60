"""Engagement: what people did with one post, counted again and again while it is young.

    age of the post        looked at again after
    up to 1 hour           5 minutes: what decides how far it goes
    up to 6 hours          15 minutes
    up to a day            1 hour
    up to a week           6 hours
    a week                 never: that is its final size, and the past of its account

Twice as soon while it grows by more than a fifth between two looks; twice as late while it does not
grow at all, but for its first hour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.detection.outlook import FIRST_MINUTES, LAST_MINUTES, Outlook, outlook
from bot.model.ids import DAY, HOUR, MINUTE, AccountId, Moment, RemoteId

_PAUSES = ((HOUR, 5 * MINUTE), (6 * HOUR, 15 * MINUTE), (DAY, HOUR), (7 * DAY, 6 * HOUR))
FINAL_AGE = 7 * DAY
GROWS = 1.2
SAMPLES = 16
"""Kept of a post, the newest."""
NEAR = 0.75
"""A look may stand for half of an age only when it was made before this part of it."""
TOLD_FROM = 10
"""Reactions below which nothing is worth telling."""
TOLD_FOR = 6 * HOUR
"""Milliseconds of its age for which what was expected of a post is told."""


@dataclass(frozen=True, slots=True)
class Reactions:
    """What the network counts now; None where it does not tell. `likes` are of any kind."""

    published_at: Moment
    likes: int = 0
    shares: int = 0
    replies: int = 0
    views: int | None = None

    @property
    def total(self) -> int:
        """Views are none: they cost nothing."""
        return self.likes + self.shares + self.replies


@dataclass(frozen=True, slots=True)
class Engagement:
    """One post of one account. `samples` are ages (milliseconds) with totals, oldest first."""

    account_id: AccountId
    remote_id: RemoteId
    reactions: Reactions
    looked_at: Moment
    next_at: Moment | None
    """None: it is final, or gone."""
    samples: tuple[tuple[int, int], ...] = ()
    expected: Outlook | None = None
    """From the last look in its first hour."""

    def told(self, now: Moment) -> Outlook | None:
        """What a card says; nothing of what is small, old, or went beyond what was expected."""
        expected, already = self.expected, self.reactions.total
        if expected is None or already < TOLD_FROM or already > expected.high:
            return None
        return expected if now - self.reactions.published_at <= TOLD_FOR else None


def next_look(age: int, samples: Sequence[tuple[int, int]]) -> int | None:
    """Milliseconds until the next one; None when this was the last."""
    pause = next((pause for until, pause in _PAUSES if age < until), None)
    if pause is None or len(samples) < 2:
        return pause
    before, now = samples[-2][1], samples[-1][1]
    if now > GROWS * before + 1:
        return pause // 2
    return pause * 2 if now == before and age >= HOUR else pause


def expect(age: int, samples: Sequence[tuple[int, int]], finals: Sequence[int]) -> Outlook | None:
    """None outside of the first hour, and where too little was seen of its beginning."""
    minutes = age / MINUTE
    if not FIRST_MINUTES <= minutes <= LAST_MINUTES:
        return None
    halfway = _halfway(age, samples)
    return None if halfway is None else outlook(minutes, samples[-1][1], halfway, finals)


def _halfway(age: int, samples: Sequence[tuple[int, int]]) -> int | None:
    """About how many there were at half of the age: on the line between the looks around it."""
    half = age / 2
    earlier = [one for one in samples if one[0] <= NEAR * age]
    if not earlier:
        return None
    known = [(0, 0), *samples]
    for (at, count), (until, more) in pairwise(known):
        if at <= half <= until:
            share = (half - at) / max(1, until - at)
            return round(count + share * (more - count))
    return None
