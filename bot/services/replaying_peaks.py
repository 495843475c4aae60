"""How many peaks a day would have had in the channels that its comments land in.

Cards and peaks are counted as they come, with the arithmetic of `bot.model.peak.PeakRule`, but only
in what the day itself brought: cards that are no comment's, and what stood there the evening
before, are left out. What a digest or quiet hours would have put off counts towards no peak.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bot.model.channel import Channel
from bot.model.ids import Moment
from bot.model.item import ItemKind
from bot.model.peak import PeakRule
from bot.model.triage import Urgency

WHOLE = 0
"""What a peak of a whole channel is about; else a conversation."""


@dataclass(frozen=True, slots=True)
class Landed:
    """A comment that lands in these channels, at the moment it came."""

    at: Moment
    conversation: int
    channels: Sequence[Channel]
    kind: ItemKind
    urgency: Urgency
    stands_out: bool
    """It has a card of its own in a peak too."""


@dataclass(frozen=True, slots=True)
class Peaked:
    """How many peaks began, and how many comments were collapsed into them."""

    count: int = 0
    collapsed: int = 0


def peaks_of(rule: PeakRule, landed: Iterable[Landed]) -> Peaked:
    """Of all channels together; comments in the order in which they came."""
    floods: dict[str, _Flood] = {}
    for one in landed:
        for channel in one.channels:
            is_put_off = channel.pace.told_at(one.at, one.kind, one.urgency) > one.at
            if one.stands_out or not is_put_off:
                floods.setdefault(channel.slug, _Flood(rule)).take(one)
    return Peaked(
        sum(one.begun for one in floods.values()), sum(one.collapsed for one in floods.values())
    )


@dataclass(slots=True)
class _Peak:
    started_at: Moment
    joined: list[Moment] = field(default_factory=list)
    looked: int = 0
    """How often it was redrawn, and asked whether it is over."""


@dataclass(slots=True)
class _Flood:
    """One channel."""

    rule: PeakRule
    cards: list[tuple[Moment, int]] = field(default_factory=list)
    peaks: dict[int, _Peak] = field(default_factory=dict)
    begun: int = 0
    collapsed: int = 0

    def take(self, one: Landed) -> None:
        self._tend(one.at)
        about = None if one.stands_out else self._peak_for(one)
        if about is None:
            self.cards.append((one.at, one.conversation))
        else:
            self.peaks[about].joined.append(one.at)
            self.collapsed += 1

    def _peak_for(self, one: Landed) -> int | None:
        """That goes on, or begins because the comment would be one card too many."""
        for about in (WHOLE, one.conversation):
            if about in self.peaks:
                return about
        since = one.at - self.rule.window
        lately = [(at, under) for at, under in self.cards if at > since]
        self.cards = lately
        under_it = sum(under == one.conversation for _at, under in lately)
        for about, cards in ((WHOLE, len(lately)), (one.conversation, under_it)):
            if self.rule.is_flood(cards, about):
                self.peaks[about] = _Peak(one.at)
                self.begun += 1
                self.cards.append((one.at, WHOLE))
                return about
        return None

    def _tend(self, now: Moment) -> None:
        """End those that were over at one of their redraws until now."""
        for about, peak in list(self.peaks.items()):
            while (at := peak.started_at + (peak.looked + 1) * self.rule.redraw) <= now:
                peak.looked += 1
                lately = sum(joined > at - self.rule.window for joined in peak.joined)
                if self.rule.is_calm(lately, about):
                    del self.peaks[about]
                    break
