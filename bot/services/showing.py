"""Showing: the operations around a card's message in a chat.

    wanted --begin--> posting --posted--> shown --redrawn--> shown
       ^                 |                  |
       '---not there-----'                  '--deleted by somebody--> gone

`begin` is the last commit before a message can appear. What stands in `posting` after that may
be there: it is looked for where the chat can be read back, and posted again where it cannot, then
marked as a repeat. A redraw shows the same message anew and may be repeated freely.

Every operation that ends a posting or a redraw looks at the card once more, under its lock: what
turned meanwhile found this due row in its place and relies on that look.

A redraw by a worker that had lost its lease, paused for long or slow, may arrive after its heir's
and show something older. Nobody can take it back, so whoever finds that this was so makes the look
unknown, and the card is drawn once more.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from bot.cards.card import Card, CardKind
from bot.model.channel import CardRef, CardRefState, Channel
from bot.model.due import DueRow
from bot.model.event import EventKind, Subject
from bot.model.ids import CardId, CardRefId, ChannelId, MessageId, Moment
from bot.model.member import Tongue
from bot.services.cardboard import Facts, drawn, facts_of
from bot.services.deciding import DeskRules
from bot.services.lines import Lines
from bot.services.pacing import posted_at
from bot.services.picturing import pictures_due
from bot.services.telling import TOLD_OF, thread_due
from bot.store.card_refs import new_key
from bot.store.tx import Tx

_R = CardRefState


@dataclass(frozen=True, slots=True)
class Showing:
    """One card in one channel, as both stand now."""

    ref: CardRef
    channel: Channel
    card: Card
    wait: int = 0
    """Milliseconds before which it is not posted."""

    @property
    def is_told(self) -> bool:
        """Whether what happens to it is to be told under its message, where there are threads."""
        return self.channel.threads and self.card.kind in TOLD_OF

    @property
    def has_pictures(self) -> bool:
        """Pictures of ours, which people are to see before they say yes."""
        return self.card.kind is CardKind.POST and self.card.media is not None


class Showings:
    """Reads what due rows of cards are about."""

    def __init__(self, lines: Lines, rules: DeskRules) -> None:
        self._lines = lines
        self._rules = rules

    def read(self, tx: Tx, wanted: Sequence[CardRefId]) -> list[Showing | None]:
        """None where there is nothing to show any more."""
        refs = {
            key: ref for key, ref in tx.card_refs.some(wanted).items() if ref.state is not _R.GONE
        }
        channels = {key: tx.channels.get(key) for key in {r.channel_id for r in refs.values()}}
        rows = tx.cards.some({ref.card_id for ref in refs.values()})
        now = tx.now()
        facts = facts_of(tx, list(rows.values()), self._lines, self._rules, now)
        cards: dict[tuple[CardId, Tongue], Card] = {}
        for one in refs.values():
            tongue = channels[one.channel_id].tongue
            if (one.card_id, tongue) not in cards:
                cards[one.card_id, tongue] = drawn(facts[one.card_id], tongue)
        found = {
            key: _showing(ref, channels[ref.channel_id], cards, facts[ref.card_id], now)
            for key, ref in refs.items()
        }
        return [found.get(key) for key in wanted]


def _showing(
    ref: CardRef,
    channel: Channel,
    cards: Mapping[tuple[CardId, Tongue], Card],
    facts: Facts,
    now: Moment,
) -> Showing | None:
    at = posted_at(channel, facts, now) if ref.state is _R.WANTED else now
    if at is None:
        return None
    return Showing(ref, channel, cards[ref.card_id, channel.tongue], at - now)


def look_of(card: Card) -> str:
    """Hex; equal for cards that look and act the same."""
    actions = "".join(map(_spelled, card.actions))
    told = f"{replace(card, actions=())!r}{actions}"
    return hashlib.blake2b(told.encode("utf-8", "replace"), digest_size=16).hexdigest()


_spelled = lru_cache(1_024)(repr)
"""Of actions, which are the same on most cards."""


@dataclass(frozen=True, slots=True)
class Begin:
    """`lasts`: milliseconds after which nothing of this posting can arrive any more."""

    row: DueRow
    ref: CardRef
    lease: int
    lasts: int


def begin(tx: Tx, commands: Sequence[Begin]) -> list[bool]:
    """False when somebody else is at it: nothing may be sent."""
    now = tx.now()
    kept: list[Begin] = []
    for lease in sorted({command.lease for command in commands}):
        group = [command for command in commands if command.lease == lease]
        ours = tx.due.keep_all([command.row for command in group], lease)
        kept += itertools.compress(group, ours)
    moves = [(one.ref, {"posting_since": now, "posting_until": now + one.lasts}) for one in kept]
    moved = tx.card_refs.move_all(moves, _R.WANTED, _R.POSTING)
    begun = {id(one) for one in kept if one.ref.id in moved}
    return [id(command) in begun for command in commands]


@dataclass(frozen=True, slots=True)
class Posted:
    """It stands there: proved by the chat's answer or by looking."""

    row: DueRow
    ref: CardRef
    message: MessageId
    drawn: Card | None
    """What it shows; None when it was found by looking, and may show something older."""
    has_pictures: bool = False
    """To be shown under it, because the chat's cards hold none."""


def _standing(one: Posted) -> dict[str, str | None]:
    """What is known of a message that stands: when it was posted helped to find it, and is gone."""
    look = "" if one.drawn is None else look_of(one.drawn)
    return {"message": one.message, "look": look, "posting_since": None, "posting_until": None}


def posted(tx: Tx, commands: Sequence[Posted]) -> list[None]:
    moves = [(one.ref, _standing(one)) for one in commands]
    moved = tx.card_refs.move_all(moves, _R.POSTING, _R.SHOWN)
    standing = {one.ref.channel_id for one in commands if one.ref.id in moved}
    for channel_id in sorted(standing):
        _tell_trouble(tx, channel_id, "")
    now = tx.now()
    tx.due.add([pictures_due(one.ref.id, now) for one in commands if one.has_pictures])
    _finish(tx, [(command.row, command.ref, command.drawn) for command in commands])
    return [None] * len(commands)


@dataclass(frozen=True, slots=True)
class NotPosted:
    """Nothing stands there: proved, or given up as unprovable (`is_repeat`)."""

    row: DueRow
    ref: CardRef
    wait: int
    says: str
    is_repeat: bool = False
    counts: bool = True
    blocks: bool = False
    """The channel refuses us: say so where people look."""


def not_posted(tx: Tx, commands: Sequence[NotPosted]) -> list[None]:
    """It is wanted again, under a new key: what may still turn up under the old one is another."""
    for command in commands:
        ref = command.ref
        if tx.due.again(command.row, command.wait, error=command.says, counts=command.counts):
            repeat = ref.is_repeat or command.is_repeat
            tx.card_refs.move(ref, _R.POSTING, _R.WANTED, key=new_key(), is_repeat=repeat)
            if command.blocks:
                _tell_trouble(tx, ref.channel_id, command.says)
    return [None] * len(commands)


@dataclass(frozen=True, slots=True)
class Redrawn:
    """`is_told`: what happened is told under the message too; `has_pictures` as in `Posted`."""

    row: DueRow
    ref: CardRef
    drawn: Card
    is_told: bool = False
    has_pictures: bool = False


def redrawn(tx: Tx, commands: Sequence[Redrawn]) -> list[None]:
    ended = _finish(tx, [(command.row, command.ref, command.drawn) for command in commands])
    ours = list(itertools.compress(commands, ended))
    moved = tx.card_refs.drawn([(one.ref, look_of(one.drawn)) for one in ours])
    for channel_id in sorted({one.ref.channel_id for one in ours}):
        _tell_trouble(tx, channel_id, "")
    now = tx.now()
    tx.due.add([thread_due(one.ref.id, now) for one in commands if one.is_told])
    tx.due.add([pictures_due(one.ref.id, now) for one in commands if one.has_pictures])
    too_late = [
        one.ref
        for one, is_ours in zip(commands, ended, strict=True)
        if not is_ours and look_of(one.drawn) != one.ref.look
    ]
    overtaken(tx, [*too_late, *(one.ref for one in ours if one.ref.id not in moved)])
    return [None] * len(commands)


def overtaken(tx: Tx, refs: Sequence[CardRef]) -> list[None]:
    """Their messages may show what a worker drew that had lost its lease: draw them once more."""
    if not refs:
        return []
    tx.cards.revisions_locked({ref.card_id for ref in refs})
    tx.card_refs.move_all([(ref, {"look": new_key()}) for ref in refs], _R.SHOWN, _R.SHOWN)
    tx.due.add(tx.card_refs.redraw([ref.id for ref in refs], tx.now()))
    return [None] * len(refs)


def not_redrawn(tx: Tx, commands: Sequence[tuple[DueRow, CardRef, int, str]]) -> list[None]:
    """As `tried`, of a redraw that may arrive yet."""
    over = [ref for row, ref, wait, says in commands if not tx.due.again(row, wait, error=says)]
    overtaken(tx, over)
    return [None] * len(commands)


def tried(tx: Tx, commands: Sequence[tuple[DueRow, int, str]]) -> list[None]:
    """In vain, with no harm done: due again after a wait in milliseconds, one try used up."""
    for row, wait, says in commands:
        tx.due.again(row, wait, error=says)
    return [None] * len(commands)


def lost(tx: Tx, commands: Sequence[tuple[DueRow, CardRef]]) -> list[None]:
    """Somebody deleted our message."""
    for row, ref in commands:
        if tx.due.done(row):
            tx.card_refs.move(ref, _R.SHOWN, _R.GONE)
    return [None] * len(commands)


@dataclass(frozen=True, slots=True)
class GivenUp:
    """Posted twice without proof: it may stand there twice, once or not at all."""

    row: DueRow
    ref: CardRef
    says: str


def given_up(tx: Tx, commands: Sequence[GivenUp]) -> list[None]:
    for command in commands:
        if tx.due.done(command.row):
            tx.card_refs.move(command.ref, _R.POSTING, _R.GONE)
            _tell_trouble(tx, command.ref.channel_id, command.says)
    return [None] * len(commands)


@dataclass(frozen=True, slots=True)
class Blocked:
    """The channel refuses our messages: say so where people look, and try again."""

    row: DueRow
    channel_id: ChannelId
    wait: int
    says: str


def blocked(tx: Tx, commands: Sequence[Blocked]) -> list[None]:
    for command in commands:
        if tx.due.again(command.row, command.wait, error=command.says):
            _tell_trouble(tx, command.channel_id, command.says)
    return [None] * len(commands)


def _tell_trouble(tx: Tx, channel_id: ChannelId, says: str) -> None:
    if tx.channels.say_trouble(channel_id, says):
        brand_id = tx.channels.get(channel_id).brand_id
        tx.events.add(EventKind.CHANNEL_CHANGED, brand_id, Subject.CHANNEL, channel_id, tx.now())


def _finish(tx: Tx, drawn: Sequence[tuple[DueRow, CardRef, Card | None]]) -> list[bool]:
    """Done, unless a card turned since it was drawn. False where the lease was lost."""
    revisions = tx.cards.revisions_locked({ref.card_id for _row, ref, _card in drawn})
    is_last = [
        card is not None and revisions[ref.card_id] == card.revision for _, ref, card in drawn
    ]
    finished = iter(tx.due.finish([row for row, _, _ in itertools.compress(drawn, is_last)]))
    return [
        next(finished) if last else tx.due.again(row, 0, counts=False)
        for (row, _ref, _card), last in zip(drawn, is_last, strict=True)
    ]
