"""Triage applied: what the rules say of an item puts it on the desk or aside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.cards.card import CardKind
from bot.model.due import DueRow
from bot.model.event import EventKind, Subject
from bot.model.ids import AccountId, ItemId, Moment
from bot.model.item import Item, ItemState
from bot.model.network import Capability
from bot.model.triage import Triage
from bot.services.drafting import draft_due
from bot.services.lines import Lines
from bot.store.tx import Tx

_SORTABLE = frozenset({ItemState.NEW, ItemState.OPEN, ItemState.QUIET})


@dataclass(frozen=True, slots=True)
class Question:
    """What triage looks at: one revision of one text, and the languages the brand speaks."""

    item_id: ItemId
    revision: int
    text: str
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Triaged:
    """`triage` None: the item is gone, only the due row is finished."""

    row: DueRow
    question: Question | None
    triage: Triage | None


def question(tx: Tx, item_id: ItemId) -> Question | None:
    item = tx.items.maybe(item_id)
    if item is None or item.state is ItemState.GONE:
        return None
    languages = tx.accounts.brand(item.brand_id).languages
    return Question(item.id, item.revision, item.text, languages)


class Triaging:
    """Needs the lines to know whether a reply is possible, and so whether a draft is wanted."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines

    def apply(self, tx: Tx, commands: Sequence[Triaged]) -> list[bool]:
        """Save triage and order the draft; False when the lease was lost or the text changed."""
        return [self._apply(tx, command) for command in commands]

    def _apply(self, tx: Tx, command: Triaged) -> bool:
        asked, triage = command.question, command.triage
        if asked is None or triage is None:
            return tx.due.done(command.row)
        item = tx.items.get(asked.item_id)
        if item.revision != asked.revision:
            return tx.due.again(command.row, 0, counts=False)
        if not tx.due.done(command.row):
            return False
        now = tx.now()
        tx.items.set_triage(item.id, triage)
        if item.state in _SORTABLE:
            self._sort(tx, item, triage, now)
        tx.cards.turn(CardKind.ITEM, item.id, now, how="The desk sorted this")
        tx.events.add(
            EventKind.ITEM_TRIAGED,
            item.brand_id,
            Subject.ITEM,
            item.id,
            now,
            label=triage.label,
            needs_reply=triage.needs_reply,
        )
        return True

    def _sort(self, tx: Tx, item: Item, triage: Triage, now: Moment) -> None:
        """On the desk or aside; what somebody decided meanwhile stays decided."""
        if triage.needs_reply or item.state is ItemState.NEW:
            wanted = ItemState.OPEN if triage.needs_reply else ItemState.QUIET
            tx.items.set_state(item.id, wanted)
        if triage.needs_reply and self._can_reply(item.account_id):
            tx.due.put(draft_due(item, now))

    def _can_reply(self, account_id: AccountId) -> bool:
        line = self._lines.of(account_id)
        return line is not None and line.capabilities.why_not(Capability.REPLY) is None
