"""Peaks: above a rate, what comes to a channel becomes one card that rolls on.

    cards of the last 5 minutes > 10 in a channel, or > 6 under one post
        -> the next item begins a peak and joins it instead of getting a card
        -> every further one joins, and the peak's card is redrawn every 20 seconds
    less than half of that for 5 minutes -> the peak is over, by itself

What needs no reply joins one card of its account, however little comes, and never a peak; it is
redrawn when something joined it. So does advertising, on another one: it wants another decision.

Where a channel takes digests, or its quiet hours hold, what may wait joins the digest of a time to
come; it never joins a peak.

Legal, safety, privacy and press always get cards of their own, and so does what a VIP writes.
Collapsed items stand in the queue like any other; only their drafts wait until somebody asks.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards.card import CardKind
from bot.model.channel import Channel
from bot.model.due import DueRow
from bot.model.event import EventKind, Subject
from bot.model.ids import (
    DAY,
    HOUR,
    MINUTE,
    AuthorId,
    ChannelId,
    ConversationId,
    Moment,
    PeakId,
    PostId,
)
from bot.model.item import Item, ItemState
from bot.model.peak import ASKS, SET_ASIDE, Peak, PeakRule, Rolling, RollKind, cluster_of
from bot.model.post import PostState
from bot.model.triage import Intent, Triage
from bot.services import rolling
from bot.services.reason_words import LANGUAGE
from bot.store.tx import Tx

A_WEEK = 7 * DAY
"""Milliseconds for which the past of a new account is offered."""
LONGEST = 12 * HOUR
"""Milliseconds after which a card that is no peak's is redrawn no more."""


SLOWLY = 5 * MINUTE
"""Milliseconds between two redraws of what needs no reply, while nothing joins it."""


def _set_aside_by(triage: Triage) -> tuple[str, str]:
    """The rule that says why nobody need answer; it speaks last, but for the language."""
    rules = [one.rule for one in triage.reasons if one.rule != LANGUAGE]
    return "aside", rules[-1] if rules else ""


def is_plain(triage: Triage) -> bool:
    """It needs no reply and no other decision."""
    return not triage.needs_reply and not triage.risks


def _peak(under: ConversationId | None) -> Rolling:
    return Rolling(RollKind.PEAK, under or 0)


class Peaks:
    """`rule` is the team's."""

    def __init__(self, rule: PeakRule) -> None:
        self._rule = rule

    def watch(self, tx: Tx, items: Sequence[Item], now: Moment) -> PeakWatch:
        """Over the items that one transaction lands."""
        return PeakWatch(tx, self._rule, self._vips_among(tx, items), now)

    def _vips_among(self, tx: Tx, items: Sequence[Item]) -> frozenset[AuthorId]:
        """Asked of the store only where the team has any."""
        vips = self._rule.vips
        if not vips.is_on:
            return frozenset()
        authors = tx.items.some_authors({item.author_id for item in items})
        return frozenset(author.id for author in authors if vips.takes(author))

    def tend(self, tx: Tx, rows: Sequence[DueRow]) -> list[None]:
        """Redraw the cards of peaks that go on; end those that are over."""
        for row in rows:
            if tx.due.done(row):
                self._tend(tx, row, tx.peaks.get(PeakId(row.arg["peak"])), tx.now())
        return [None] * len(rows)

    def _tend(self, tx: Tx, row: DueRow, peak: Peak, now: Moment) -> None:
        if self._is_over(tx, peak, now) or peak.ended_at is not None:
            tx.due.drop(rolling.key_of(peak.id))
            if tx.peaks.end(peak.id, now) and peak.rolling.kind is RollKind.PEAK:
                tx.events.add(EventKind.PEAK_ENDED, peak.brand_id, Subject.PEAK, peak.id, now)
        tx.cards.turn(CardKind.PEAK, peak.id, now, how="The desk counted again")

    def _is_over(self, tx: Tx, peak: Peak, now: Moment) -> bool:
        """A peak that is calm; anything else when nothing of it waits, or it waited for long."""
        if peak.rolling.kind in SET_ASIDE:
            return now - peak.started_at > LONGEST or not tx.peaks.count_quiet(peak.id)
        if peak.rolling.kind is RollKind.PAST:
            return now - peak.started_at > A_WEEK or not tx.backlogs.waiting(peak.id, ASKS)
        if peak.rolling.kind is RollKind.HAND_OVER:
            return now - peak.started_at > LONGEST
        if peak.rolling.kind is RollKind.PEAK:
            joined = tx.peaks.joined_since(peak.id, now - self._rule.window)
            return self._rule.is_calm(joined, peak.rolling.about)
        if peak.rolling.kind is RollKind.APPROVAL:
            return tx.posts.get(PostId(peak.rolling.about)).state is not PostState.WAITING
        return now - peak.started_at > LONGEST or not any(
            one.undecided for one in tx.peaks.clusters(peak.id)
        )


class PeakWatch:
    """What a batch of items does to the peaks: what stands is read once, its own is counted."""

    def __init__(self, tx: Tx, rule: PeakRule, vips: frozenset[AuthorId], now: Moment) -> None:
        self._tx = tx
        self._rule = rule
        self._vips = vips
        self._now = now
        self._peaks: dict[ChannelId, list[Peak]] = {}
        self._cards: dict[tuple[ChannelId, ConversationId | None], int] = {}

    def collapses(self, channel: Channel, item: Item, triage: Triage) -> bool:
        """Whether the item joined a card that rolls in this channel; else it gets one there."""
        if self._is_aside(item, triage):
            self._set_aside(channel, item, triage)
            return True
        stands_out = triage.is_escalated or item.author_id in self._vips
        told_at = channel.pace.told_at(self._now, item.kind, triage.urgency)
        if told_at > self._now and not stands_out:
            self._put_off(channel, item, triage, told_at)
            return True
        if not self._rule.is_on:
            return False
        found = None if stands_out else self._peak_for(channel, item)
        if found is None:
            self._count(channel.id, item.conversation_id)
            return False
        self._tx.peaks.join(found, item.id, cluster_of(triage), self._now)
        return True

    def _is_aside(self, item: Item, triage: Triage) -> bool:
        """It wants no decision, and nobody made one."""
        is_decided = item.state not in {ItemState.NEW, ItemState.QUIET}
        stands_out = is_decided or item.author_id in self._vips
        return self._rule.sets_aside and is_plain(triage) and not stands_out

    def _set_aside(self, channel: Channel, item: Item, triage: Triage) -> None:
        tx, now = self._tx, self._now
        kind = RollKind.SPAM if Intent.SPAM in triage.intents else RollKind.QUIET
        about = Rolling(kind, item.account_id)
        found = (one.id for one in self._going_on(channel.id) if one.rolling == about)
        number = next(found, None)
        if number is None:
            self._peaks.pop(channel.id, None)
            number = rolling.begin(tx, channel.brand_id, channel.id, about, SLOWLY, now)
            number = number or rolling.going_on(tx, channel.id, about)
        if number is not None:
            tx.peaks.join(number, item.id, _set_aside_by(triage), now)
            tx.due.add([rolling.joined_due(number, now, self._rule.redraw)])

    def _put_off(self, channel: Channel, item: Item, triage: Triage, until: Moment) -> None:
        """Each digest is about its own time, so one that stands there goes on beside the next."""
        tx, now, about = self._tx, self._now, Rolling(RollKind.DIGEST, until // MINUTE)
        brand, every = channel.brand_id, SLOWLY
        number = rolling.begin(tx, brand, channel.id, about, every, now, posted_at=until)
        number = number or rolling.going_on(tx, channel.id, about)
        if number is not None:
            tx.peaks.join(number, item.id, cluster_of(triage), now)

    def _peak_for(self, channel: Channel, item: Item) -> PeakId | None:
        """That goes on, or begins because the item would be one card too many."""
        under = item.conversation_id
        for peak in self._going_on(channel.id):
            if peak.rolling in {_peak(None), _peak(under)}:
                return peak.id
        rule = self._rule
        if rule.in_channel and rule.is_flood(self._stand(channel.id, None), 0):
            return self._begin(channel, None)
        if rule.under_one_post and rule.is_flood(self._stand(channel.id, under), under):
            return self._begin(channel, under)
        return None

    def _going_on(self, channel_id: ChannelId) -> list[Peak]:
        found = self._peaks.get(channel_id)
        if found is None:
            found = self._peaks[channel_id] = self._tx.peaks.going_on(channel_id)
        return found

    def _stand(self, channel_id: ChannelId, under: ConversationId | None) -> int:
        """Cards that came lately to a channel, or those of one conversation in it."""
        count = self._cards.get((channel_id, under))
        if count is None:
            count = self._cards[channel_id, under] = self._read(channel_id, under)
        return count

    def _read(self, channel_id: ChannelId, under: ConversationId | None) -> int:
        since = self._now - self._rule.window
        if under is None:
            return self._tx.peaks.cards_in(channel_id, since, self._rule.in_channel + 1)
        return self._tx.peaks.cards_under(channel_id, under, since, self._rule.under_one_post + 1)

    def _count(self, channel_id: ChannelId, *of: ConversationId) -> None:
        """One card more: its row may be written only after the whole batch was looked at."""
        for under in (None, *of):
            self._cards[channel_id, under] = self._stand(channel_id, under) + 1

    def _begin(self, channel: Channel, under: ConversationId | None) -> PeakId | None:
        tx, now = self._tx, self._now
        self._peaks.pop(channel.id, None)
        every = self._rule.redraw
        peak_id = rolling.begin(tx, channel.brand_id, channel.id, _peak(under), every, now)
        if peak_id is None:
            return rolling.going_on(tx, channel.id, _peak(under))
        self._count(channel.id)
        tx.events.add(EventKind.PEAK_BEGAN, channel.brand_id, Subject.PEAK, peak_id, now)
        return peak_id
