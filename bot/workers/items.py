"""The small tasks around items: triage, draft, moderate, wake, and tending a peak."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial

from bot.errors import DraftingFailed, Rejected, TargetGone
from bot.faults import FaultPoint, reach
from bot.logs import get_logger
from bot.model.commands import ModerationAction
from bot.model.due import DueRow
from bot.model.duty import DutyPlans
from bot.model.goals import GoalPolicies
from bot.model.ids import ItemId
from bot.model.peak import PeakRule
from bot.model.publication import ReplyTarget
from bot.ports import Drafter, DraftsAtOnce, Moderates
from bot.services import drafting
from bot.services.bulk import BulkWork
from bot.services.deciding import DeskRules
from bot.services.duties import DutyWatch
from bot.services.editing import run_out
from bot.services.goals import GoalWatch
from bot.services.inquiring import remind as remind_of_question
from bot.services.lapsing import lapse
from bot.services.lines import Lines
from bot.services.moderating import Moderated, record, target, why_not
from bot.services.peaks import Peaks
from bot.services.promising import remind as remind_of_promise
from bot.services.reminding import Reminding
from bot.services.stakeholder_updates import remind
from bot.services.triage_rules import Triager
from bot.services.triaging import Question, Triaged, Triaging, questions
from bot.services.waking import wake
from bot.store.headway import GoOn
from bot.store.store import Store
from bot.store.tx import Tx

MODERATE_SECONDS = 20.0


class TriageTask:
    def __init__(
        self,
        store: Store,
        triager: Triager,
        lines: Lines,
        rules: DeskRules,
        at_once: DraftsAtOnce | None = None,
    ) -> None:
        self._store = store
        self._triager = triager
        self._apply = Triaging(lines, rules, at_once).apply
        self._drafts_at_once = at_once is not None

    async def __call__(self, row: DueRow) -> None:
        asked = await self._store.ask(questions, ItemId(row.arg["item"]))
        triaged = self._triaged(row, asked)
        await self._store.write(self._apply, triaged)
        await self._is_saved(triaged)

    def make_headway(self, tx: Tx, rows: Sequence[DueRow]) -> list[GoOn | None]:
        """Rules ask nobody: the whole task."""
        asked = questions(tx, [ItemId(row.arg["item"]) for row in rows])
        found = list(map(self._triaged, rows, asked))
        self._apply(tx, found)
        return [partial(self._is_saved, one) for one in found]

    def _triaged(self, row: DueRow, asked: Question | None) -> Triaged:
        if asked is None:
            return Triaged(row, None, None)
        triage = self._triager.triage(
            asked.text, languages=asked.languages, to_friends=asked.to_friends
        )
        return Triaged(row, asked, triage)

    async def _is_saved(self, triaged: Triaged) -> None:
        if self._drafts_at_once and triaged.triage is not None and triaged.triage.needs_reply:
            reach(FaultPoint.DRAFT_SAVED)


class DraftTask:
    """The drafter falls back by itself; what it cannot write, a person will."""

    def __init__(
        self, store: Store, lines: Lines, drafter: Drafter, *, translates: bool = False
    ) -> None:
        self._store = store
        self._lines = lines
        self._drafter = drafter
        self._translates = translates
        self._log = get_logger("drafts")

    async def __call__(self, row: DueRow) -> None:
        request = await self._store.read(lambda tx: drafting.request(tx, self._lines, row))
        proposal = None
        if request is not None:
            try:
                proposal = await self._drafter.draft(request)
            except DraftingFailed as error:
                self._log.info("no_draft", item=row.arg["item"], says=str(error))
            reach(FaultPoint.DRAFT_CALLED)
        if await self._store.write(
            drafting.keep, drafting.Drafted(row, proposal, self._translates)
        ):
            reach(FaultPoint.DRAFT_SAVED)


class ModerateTask:
    def __init__(self, store: Store, lines: Lines) -> None:
        self._store = store
        self._lines = lines

    async def __call__(self, row: DueRow) -> None:
        action = ModerationAction(row.arg["action"])
        account_id, aim = await self._store.read(lambda tx: target(tx, row))
        says = await self._store.read(lambda tx: why_not(tx, account_id))
        if not says:
            says = await self._act(self._lines.of(account_id), action, aim)
        await self._store.write(record, Moderated(row, action, says))

    async def _act(self, line: object, action: ModerationAction, aim: ReplyTarget) -> str:
        """What the network refused, as a sentence; empty when it is done."""
        if not isinstance(line, Moderates):
            return "This account is not connected any more."
        try:
            async with asyncio.timeout(MODERATE_SECONDS):
                await line.moderate(action, aim)
        except (Rejected, TargetGone) as error:
            return str(error)
        return ""


class PeakTask:
    def __init__(self, store: Store, peaks: PeakRule) -> None:
        self._store = store
        self._tend = Peaks(peaks).tend

    async def __call__(self, row: DueRow) -> None:
        await self._store.write(self._tend, row)


class GoalsTask:
    """Whoever has a reply that is due soon is told, and the leads of those that are late."""

    def __init__(self, store: Store, goals: GoalPolicies) -> None:
        self._store = store
        self._tend = GoalWatch(goals).tend

    async def __call__(self, row: DueRow) -> None:
        await self._store.write(self._tend, row)


class DutyTask:
    """The shift of a member begins or ends."""

    def __init__(self, store: Store, plans: DutyPlans, goals: GoalPolicies) -> None:
        self._store = store
        self._tend = DutyWatch(plans, goals).tend

    async def __call__(self, row: DueRow) -> None:
        await self._store.write(self._tend, row)


class CrisisTask:
    """An update for stakeholders is due."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def __call__(self, row: DueRow) -> None:
        await self._store.write(remind, row)


class QuestionTask:
    """The answer of a colleague is due."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def __call__(self, row: DueRow) -> None:
        await self._store.write(remind_of_question, row)


class PromiseTask:
    """What was promised is due soon."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def __call__(self, row: DueRow) -> None:
        await self._store.write(remind_of_promise, row)


class BulkTask:
    def __init__(self, store: Store, lines: Lines, rules: DeskRules) -> None:
        self._store = store
        self._carry_on = BulkWork(lines, rules).carry_on

    async def __call__(self, row: DueRow) -> None:
        await self._store.write(self._carry_on, row)


class EditingTask:
    """Whoever had an editor open for long is not shown as editing any more."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def __call__(self, row: DueRow) -> None:
        await self._store.write(run_out, row)


class WakeTask:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def __call__(self, row: DueRow) -> None:
        await self._store.write(wake, row)


class ReminderTask:
    """Approvers are reminded of a planned post, or others in their place."""

    def __init__(self, store: Store, rules: DeskRules) -> None:
        self._store = store
        self._remind = Reminding(rules).remind

    async def __call__(self, row: DueRow) -> None:
        await self._store.write(self._remind, row)


class LapseTask:
    """The time of a planned post has come: it is approved, or it goes back."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def __call__(self, row: DueRow) -> None:
        await self._store.write(lapse, row)
