"""What a day is judged by, and the bounds that it must keep.

A notification is what makes somebody's phone sound: a direct message, a mention, and each new
message of a chat that sounds for all of them. In Slack a channel sounds for mentions alone, which
is how Slack sets channels up; a group of Telegram sounds for whatever is not sent silently, as long
as one is on shift. What answers one's own press is none. A redraw never sounds.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field

from sqlalchemy import select

from bot.model.ids import RemoteId
from bot.model.peak import SET_ASIDE
from bot.store.schema import account, card, card_ref, event, item, peak, peak_item, question
from bot.store.tx import Tx
from tests.day.house import House
from tests.day.shapes import WANTS_ANSWER
from tests.day.town import Town
from tests.fakes.slack_desk import IDS
from tests.fakes.telegram_team import NUMBERS
from tests.fakes.telegram_world import GROUP

MOST_CARDS = 150
MOST_NOTIFICATIONS = 40
LEAST_IN_CHAT = 0.95
MOST_TAPS = 1.3
UNSEEN = ("new", "open", "quiet")


@dataclass(frozen=True, slots=True)
class Beside:
    """What the team set going beside answering."""

    asked: int = 0
    snoozed: int = 0
    planned: int = 0
    posted: int = 0
    """Of the planned posts, how often they stand on the network."""


@dataclass(frozen=True, slots=True)
class Report:
    comments: int
    cards: dict[str, int]
    """Messages that cards were posted as, by what they are about."""
    notifications: dict[str, int]
    """By person."""
    misfiled: list[str]
    """Questions and complaints that were set aside as needing no reply."""
    needless: dict[str, int]
    """Comments that wanted nothing and got a card of their own all the same, by shape."""
    unseen: int
    handled: int
    in_chat: int
    taps: dict[str, int]
    late: int
    """Replies that were due before they were made."""
    beside: Beside
    told_back: int
    """Questions to a colleague that were answered."""
    came_back: int
    """Snoozes that ended."""
    rushed: bool
    """A burst under one post was part of it."""

    @property
    def cards_in_all(self) -> int:
        return sum(self.cards.values())

    @property
    def taps_each(self) -> float:
        return round(sum(self.taps.values()) / max(1, self.handled), 2)

    @property
    def chat_share(self) -> float:
        return round(self.in_chat / max(1, self.handled), 3)

    def broken(self) -> list[str]:
        """Which bounds the day did not keep."""
        loudest = max(self.notifications.values(), default=0)
        checks = {
            f"{self.cards_in_all} cards": self.cards_in_all <= MOST_CARDS,
            f"{loudest} notifications for one person": loudest <= MOST_NOTIFICATIONS,
            f"{len(self.misfiled)} that wanted an answer set aside": not self.misfiled,
            f"{self.unseen} unseen": not self.unseen,
            f"{self.chat_share:.1%} handled in chat": self.chat_share >= LEAST_IN_CHAT,
            f"{self.taps_each} taps for each": self.taps_each <= MOST_TAPS,
            f"{self.told_back} of {self.beside.asked} questions to colleagues answered": (
                self.told_back == self.beside.asked
            ),
            f"{self.came_back} of {self.beside.snoozed} snoozes came back": (
                self.came_back == self.beside.snoozed
            ),
            f"{self.beside.posted} of {self.beside.planned} posts left": (
                self.beside.posted == self.beside.planned
            ),
            "no peak in a burst": bool(self.cards.get("peak")) or not self.rushed,
        }
        return [what for what, holds in checks.items() if not holds]

    def as_json(self) -> str:
        told = asdict(self) | {"cards_in_all": self.cards_in_all, "taps_each": self.taps_each}
        told |= {"chat_share": self.chat_share, "broken": self.broken()}
        return json.dumps(told, ensure_ascii=False, indent=2)

    def as_table(self) -> str:
        rows = [
            ("comments", f"{self.comments}", ""),
            ("cards", f"{self.cards_in_all}", f"at most {MOST_CARDS}"),
            *((f"  {kind}", f"{count}", "") for kind, count in sorted(self.cards.items())),
            *(
                (f"notifications of {who}", f"{count}", f"at most {MOST_NOTIFICATIONS}")
                for who, count in sorted(self.notifications.items())
            ),
            ("wanted an answer, set aside", f"{len(self.misfiled)}", "none"),
            ("wanted nothing, own card", f"{sum(self.needless.values())}", ""),
            *((f"  {shape}", f"{count}", "") for shape, count in sorted(self.needless.items())),
            ("unseen at midnight", f"{self.unseen}", "none"),
            ("handled", f"{self.handled}", ""),
            ("without leaving chat", f"{self.chat_share:.1%}", f"at least {LEAST_IN_CHAT:.0%}"),
            ("taps for each handled", f"{self.taps_each}", f"at most {MOST_TAPS}"),
            ("replies that were late", f"{self.late}", ""),
            ("answered by a colleague", f"{self.told_back}", f"of {self.beside.asked} asked"),
            ("back from a snooze", f"{self.came_back}", f"of {self.beside.snoozed} snoozed"),
            ("planned posts that left", f"{self.beside.posted}", f"of {self.beside.planned}"),
        ]
        return "\n".join(f"{what:32}{count:>8}  {bound}".rstrip() for what, count, bound in rows)


@dataclass(slots=True)
class Ears:
    """Counts what sounds; `on_shift` says who is there now."""

    house: House
    on_shift: Callable[[], frozenset[str]]
    heard: dict[str, int] = field(default_factory=dict)
    _slack: int = 0
    _telegram: int = 0

    def listen(self) -> None:
        server = self.house.slack.slack
        messages = [*server.messages, *server.replies]
        for message in messages[self._slack :]:
            told = json.dumps(message.looks[0])
            self._sounds(who for who, user in IDS.items() if user in told)
        self._slack = len(messages)
        shown = self.house.telegram.server.world.by_bot(GROUP)
        for one in shown:
            if one.id > self._telegram and one.answers is None:
                told = json.dumps(one.looks[0])
                mentioned = {who for who, number in NUMBERS.items() if f"id={number}" in told}
                there = frozenset() if one.is_silent else self.on_shift()
                self._sounds(mentioned | (there & {"eve", "ada"}))
        self._telegram = max((one.id for one in shown), default=self._telegram)

    def _sounds(self, people: Iterable[str]) -> None:
        for who in people:
            self.heard[who] = self.heard.get(who, 0) + 1


async def judged(
    town: Town, ears: Ears, taps: dict[str, int], out_of_chat: int, beside: Beside
) -> Report:
    kit = town.house.kit
    counted = await kit.read(_counted)
    wants = {key for key, said in town.truth.items() if said.shape in WANTS_ANSWER}
    needless: dict[str, int] = {}
    for key in counted.own:
        said = town.truth[key]
        if key not in wants:
            needless[said.shape] = needless.get(said.shape, 0) + 1
    handled = sum(state in {"answered", "closed"} for state in counted.states)
    return Report(
        comments=len(town.truth),
        cards=counted.cards,
        notifications=dict(sorted(ears.heard.items())),
        misfiled=[town.truth[key].text for key in counted.aside if key in wants],
        needless=needless,
        unseen=sum(state in UNSEEN for state in counted.states),
        handled=handled,
        in_chat=handled - out_of_chat,
        taps=dict(sorted(taps.items())),
        late=counted.late,
        beside=beside,
        told_back=counted.told_back,
        came_back=counted.came_back,
        rushed=any(said.is_rush for said in town.truth.values()),
    )


@dataclass(frozen=True, slots=True)
class _Counted:
    """What the database tells; comments by account and the network's name."""

    cards: dict[str, int]
    aside: list[tuple[str, RemoteId]]
    own: list[tuple[str, RemoteId]]
    states: list[str]
    late: int
    told_back: int
    came_back: int


def _counted(tx: Tx) -> _Counted:
    kinds: dict[str, int] = {}
    posted = select(card.c.kind, peak.c.kind.label("rolls")).select_from(
        card_ref.join(card, card.c.id == card_ref.c.card_id).outerjoin(
            peak, (peak.c.id == card.c.subject_id) & (card.c.kind == "peak")
        )
    )
    for row in tx.connection.execute(posted):
        name = row.rolls or row.kind
        kinds[name] = kinds.get(name, 0) + 1
    named = select(account.c.slug, item.c.remote_id)
    joined = (
        peak_item.join(peak, peak.c.id == peak_item.c.peak_id)
        .join(item, item.c.id == peak_item.c.item_id)
        .join(account, account.c.id == item.c.account_id)
    )
    aside = named.select_from(joined).where(peak.c.kind.in_([one.value for one in SET_ASIDE]))
    owned = named.select_from(
        card_ref.join(card, card.c.id == card_ref.c.card_id)
        .join(item, (item.c.id == card.c.subject_id) & (card.c.kind == "item"))
        .join(account, account.c.id == item.c.account_id)
    )
    states = tx.connection.execute(select(item.c.state)).scalars().all()
    late = select(item.c.id).where(item.c.answered_at > item.c.due_at)
    answers = select(question.c.id).where(question.c.state == "answered")
    woken = select(event.c.id).where(event.c.kind == "item_woke")
    return _Counted(
        cards=kinds,
        aside=[(row.slug, row.remote_id) for row in tx.connection.execute(aside)],
        own=[(row.slug, row.remote_id) for row in tx.connection.execute(owned)],
        states=list(states),
        late=len(tx.connection.execute(late).all()),
        told_back=len(tx.connection.execute(answers).all()),
        came_back=len(tx.connection.execute(woken).all()),
    )
