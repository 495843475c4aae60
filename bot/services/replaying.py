"""A past day against other rules, on paper: what each comment would have become, and what differs.

Nothing is written and nobody is asked. Triage, routes, goals and alarms are those of a desk that
runs. What becomes of a comment depends on it and on the rules alone, so the same day and the same
rules give the same answer; how many peaks and rises the day would have had is told beside that
(`bot.services.replaying_peaks`, `bot.services.replaying_rises`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.model.channel import Channel, Traits
from bot.model.goals import GoalPolicies
from bot.model.ids import BrandId, Moment
from bot.model.item import Author, ItemKind
from bot.model.label import labels_of
from bot.model.oncall import OnCall
from bot.model.peak import PeakRule
from bot.model.signal import Stream, WatchRule
from bot.model.triage import Triage
from bot.services.alarms import wakes
from bot.services.peaks import is_plain
from bot.services.reason_words import words_of
from bot.services.replaying_peaks import Landed, Peaked, peaks_of
from bot.services.replaying_rises import Past, Risen, Told, rises_of
from bot.services.routing import channels_of
from bot.services.tallying import streams_of
from bot.services.triage_rules import Triager
from bot.store.tx import Tx

AT_ONCE = 200
"""Comments of one read."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A comment as it came; nothing of what was decided about it since.

    `number` is its item's, or its line in a file. `at` None: nobody knows when it was written.
    """

    number: int
    text: str
    author: Author
    account: str
    kind: ItemKind = ItemKind.COMMENT
    at: Moment | None = None
    follows: bool = False
    came: Moment | None = None
    """When it came to the desk."""
    conversation: int = 0


@dataclass(frozen=True, slots=True)
class Course:
    """What the rules make of a comment."""

    label: str
    is_card: bool
    """It has a card of its own; else it stands among what needs no reply."""
    channels: tuple[str, ...]
    due_at: Moment | None
    alarms: tuple[str, ...]
    reasons: tuple[str, ...]
    streams: tuple[Stream, ...] = ()
    """What it is counted as."""
    landed: Landed | None = None
    """Set where it has a card and its moment is known."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything that decides about a comment when it comes, by the slug of the brand."""

    triager: Triager
    says: Mapping[str, str]
    """Sentences of cue rules that are not the ones that ship, by their names."""
    languages: Mapping[str, Sequence[str]]
    channels: Mapping[str, Sequence[Channel]]
    goals: GoalPolicies
    peaks: PeakRule
    oncall: OnCall
    watch: WatchRule

    def course(self, brand: str, seen: Seen) -> Course:
        triage = self.triager.triage(seen.text, languages=self.languages[brand])
        is_vip = self.peaks.vips.takes(seen.author)
        is_aside = self.peaks.sets_aside and is_plain(triage) and not is_vip
        labels = labels_of(triage, None)
        traits = Traits(seen.account, seen.kind, triage.language, triage.risks, labels)
        lands = [] if is_aside else channels_of(self.channels.get(brand, ()), traits)
        stands_out = is_vip or triage.is_escalated
        return Course(
            label=triage.label or "Nothing special",
            is_card=not is_aside,
            channels=tuple(sorted(one.slug for one in lands)),
            due_at=self._due_at(brand, seen, triage),
            alarms=tuple(wakes(self.oncall, triage, seen.author.followers or 0)),
            reasons=tuple(self._reasons(triage)),
            streams=tuple(streams_of(triage)),
            landed=None
            if seen.came is None or is_aside
            else Landed(seen.came, seen.conversation, lands, seen.kind, triage.urgency, stands_out),
        )

    def _due_at(self, brand: str, seen: Seen, triage: Triage) -> Moment | None:
        policy = self.goals.get(brand)
        if policy is None or seen.at is None or not triage.needs_reply:
            return None
        clock = policy.clock(seen.account, seen.kind, triage.urgency, seen.at, is_next=seen.follows)
        return None if clock is None else clock.due_at

    def _reasons(self, triage: Triage) -> Iterator[str]:
        for one in triage.reasons:
            words = self.says.get(one.rule) or words_of(triage, one)
            yield f"{words} (“{one.evidence}”)" if one.evidence else words


@dataclass(frozen=True, slots=True)
class Replayed:
    seen: Seen
    before: Course
    after: Course

    @property
    def differs(self) -> tuple[str, ...]:
        """What is otherwise: names of fields of a course; other reasons alone are no difference."""
        names = ("is_card", "label", "channels", "due_at", "alarms")
        return tuple(one for one in names if getattr(self.before, one) != getattr(self.after, one))


def replay(brand: str, seen: Iterable[Seen], before: Rules, after: Rules) -> list[Replayed]:
    """Of every comment, in their order."""
    return [Replayed(one, before.course(brand, one), after.course(brand, one)) for one in seen]


def day_of(tx: Tx, brand_id: BrandId, since: Moment, until: Moment) -> list[Seen]:
    """What came in this time, by number; without practice, and without the backlog."""
    accounts = {one.id: one.slug for one in tx.accounts.of_brand(brand_id)}
    ids = tx.items.came(brand_id, since, until)
    found = []
    for at in range(0, len(ids), AT_ONCE):
        wholes = tx.items.wholes(ids[at : at + AT_ONCE])
        for number in sorted(wholes):
            item = wholes[number].item
            if item.account_id in accounts:
                # a network's clock may be ahead of ours
                wrote = min(item.published_at, item.received_at)
                follows = item.follows_id is not None
                slug, author = accounts[item.account_id], wholes[number].author
                found.append(
                    Seen(
                        number,
                        item.text,
                        author,
                        slug,
                        item.kind,
                        wrote,
                        follows,
                        item.received_at,
                        item.conversation_id,
                    )
                )
    return found


@dataclass(frozen=True, slots=True)
class Storms:
    """What depends on what else came on the day."""

    peaks: Peaked
    rises: Risen


def storms(rules: Rules, past: Past, told: Sequence[tuple[Seen, Course]]) -> Storms:
    """By number: that is the order in which they came."""
    landed = [course.landed for _seen, course in told if course.landed is not None]
    counted = [
        Told(seen.at, seen.account, course.streams) for seen, course in told if seen.at is not None
    ]
    return Storms(peaks_of(rules.peaks, landed), rises_of(rules.watch, past, counted))
