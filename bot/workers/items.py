"""The small tasks around an item: triage, draft, moderate, wake."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from bot.cards.card import CardKind
from bot.errors import DraftingFailed, Rejected, TargetGone
from bot.logs import get_logger
from bot.model.commands import ModerationAction
from bot.model.due import DueRow
from bot.model.event import EventKind, Subject
from bot.model.ids import ItemId
from bot.model.publication import ReplyTarget
from bot.model.triage import Triage
from bot.ports import Drafter, Moderates
from bot.services import drafting
from bot.services.lines import Lines
from bot.services.moderating import Moderated, record, target
from bot.services.triage_rules import Triager
from bot.services.triaging import Triaged, Triaging, question
from bot.store.store import Store
from bot.store.tx import Tx

MODERATE_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class WarmTriager:
    """A triager and the task that loads its model: nobody triages before that is done."""

    triager: Triager
    warm: asyncio.Future[None]

    async def triage(self, text: str, languages: Sequence[str]) -> Triage:
        # Shielded: a task that is cancelled while it waits must not stop the loading.
        await asyncio.shield(self.warm)
        return self.triager.triage(text, languages=languages)


class TriageTask:
    def __init__(self, store: Store, triager: WarmTriager, lines: Lines) -> None:
        self._store = store
        self._triager = triager
        self._apply = Triaging(lines).apply

    async def __call__(self, row: DueRow) -> None:
        item_id = ItemId(row.arg["item"])
        asked = await self._store.read(lambda tx: question(tx, item_id))
        triage = None
        if asked is not None:
            triage = await self._triager.triage(asked.text, asked.languages)
        await self._store.write(self._apply, Triaged(row, asked, triage))


class DraftTask:
    """The drafter falls back by itself; what it cannot write, a person will."""

    def __init__(self, store: Store, lines: Lines, drafter: Drafter) -> None:
        self._store = store
        self._lines = lines
        self._drafter = drafter
        self._log = get_logger("drafts")

    async def __call__(self, row: DueRow) -> None:
        request = await self._store.read(lambda tx: drafting.request(tx, self._lines, row))
        proposal = None
        if request is not None:
            try:
                proposal = await self._drafter.draft(request)
            except DraftingFailed as error:
                self._log.info("no_draft", item=row.arg["item"], says=str(error))
        await self._store.write(drafting.keep, drafting.Drafted(row, proposal))


class ModerateTask:
    def __init__(self, store: Store, lines: Lines) -> None:
        self._store = store
        self._lines = lines

    async def __call__(self, row: DueRow) -> None:
        action = ModerationAction(row.arg["action"])
        account_id, aim = await self._store.read(lambda tx: target(tx, row))
        line: object = self._lines.of(account_id)
        says = "This account is not connected any more."
        if isinstance(line, Moderates):
            says = await self._act(line, action, aim)
        await self._store.write(record, Moderated(row, action, says))

    async def _act(self, line: Moderates, action: ModerationAction, aim: ReplyTarget) -> str:
        """What the network refused, as a sentence; empty when it is done."""
        try:
            async with asyncio.timeout(MODERATE_SECONDS):
                await line.moderate(action, aim)
        except (Rejected, TargetGone) as error:
            return str(error)
        return ""


class WakeTask:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def __call__(self, row: DueRow) -> None:
        await self._store.write(_wake, row)


def _wake(tx: Tx, rows: Sequence[DueRow]) -> list[None]:
    for row in rows:
        item = tx.items.maybe(ItemId(row.arg["item"]))
        if tx.due.done(row) and item is not None:
            tx.items.snooze(item.id, None)
            now = tx.now()
            tx.cards.turn(CardKind.ITEM, item.id, now, how="The desk ended its snooze")
            tx.events.add(EventKind.ITEM_WOKE, item.brand_id, Subject.ITEM, item.id, now)
    return [None] * len(rows)
